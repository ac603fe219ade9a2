"""Compares new answers with the installation in Azure before anything is sent, and removes what is no longer wanted.

The former answers are those that the last run recorded in Azure; what they name is read before it counts.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Final, Protocol

from pydantic import ValidationError

from installer.answers.model import Answers
from installer.cloud.errors import AzureRefused
from installer.cloud.rest import Service
from installer.engine.step import Context, Outputs
from installer.estate import keys
from installer.estate.blocked import Blocked
from installer.estate.changes import Changes, compare
from installer.estate.parameters import PLACEHOLDER_OUTPUTS
from installer.estate.parameters import Outputs as StageOutputs
from installer.estate.parameters.context import Installation
from installer.estate.resources import Planned
from installer.steps.answers_record import STAGE, recorded
from installer.steps.live_parameters import Reads
from installer.steps.restored_servers import has_the_databases

if TYPE_CHECKING:
    from installer.cloud.models import Deployment

REMOVABLE: Final = frozenset(
    {
        "microsoft.consumption/budgets",
        "microsoft.insights/actiongroups",
        "microsoft.insights/datacollectionruleassociations",
        "microsoft.insights/diagnosticsettings",
        "microsoft.insights/metricalerts",
        "microsoft.insights/privatelinkscopes/scopedresources",
        "microsoft.insights/scheduledqueryrules",
        "microsoft.insights/webtests",
        "microsoft.insights/workbooks",
    }
)
"""Types without data or traffic, which a run deletes when the answers no longer ask for them."""


class HasDeployments(Protocol):
    """Reads deployments at the scope of one subscription."""

    @property
    def subscription(self) -> str:
        """Its ID."""

    def deployment(self, name: str) -> "Deployment | None":
        """A deployment, None if it does not exist."""


def former_answers(arm: HasDeployments, answers: Answers) -> Answers | None:
    """The answers that the last run of the installation recorded in Azure.

    None if there are none, or if this version cannot read them. Queries Azure.
    """
    found = former_run(arm, answers)
    return found[1] if found is not None else None


def former_run(arm: HasDeployments, answers: Answers) -> tuple[str, Answers] | None:
    """The last run that recorded answers of the installation in Azure, from whichever machine, and these answers.

    None if there are none, or if this version cannot read them. Queries Azure.
    """
    found = arm.deployment(Installation(answers).names.deployment(STAGE))
    record = recorded(found, arm.subscription) if found is not None else None
    if record is None:
        return None
    try:
        return record.run, Answers.model_validate(record.answers)
    except ValidationError:
        return None


def existing(arm: Reads, changes: Changes, known: StageOutputs) -> Changes:
    """The changes, without those of resources that do not exist, and compared with their live state. Queries Azure.

    Args:
        arm: reads resources.
        changes: of the predicted resources.
        known: outputs of deployed stages: an id may contain one, such as the domain of a Container Apps environment.

    """
    left_over = (replace(one, id=_known(one.id, known), name=_known(one.name, known)) for one in changes.left_over)
    return Changes(
        tuple(one for one in changes.blocked if _still_blocked(arm, one, known)),
        tuple(
            one
            for one in changes.moved
            if arm.read(one.server.id, one.server.api_version) is not None and not has_the_databases(arm, one)
        ),
        tuple(one for one in left_over if arm.read(one.id, one.api_version) is not None),
    )


def _still_blocked(arm: Reads, blocked: Blocked, known: StageOutputs) -> bool:
    live = arm.read(_known(blocked.id, known), blocked.api_version)
    return live is not None and blocked.holds(live)


def _known(text: str, known: StageOutputs) -> str:
    """A text of a prediction with the outputs that are known instead of the placeholders."""
    for key, placeholders in PLACEHOLDER_OUTPUTS.items():
        for name, placeholder in placeholders.items():
            value = known.get(key, {}).get(name)
            if isinstance(placeholder, str) and isinstance(value, str):
                text = text.replace(placeholder, value)
    return text


def left_over_sentences(left_over: tuple[Planned, ...]) -> list[str]:
    """A sentence for each resource that the answers no longer ask for: whether a run deletes it."""
    return [
        f"{_label(one)}: {'the run deletes it' if _removable(one) else 'stays; delete it if nothing needs it'}"
        for one in left_over
    ]


def _label(one: Planned) -> str:
    place = f" in {one.group}" if one.group else ""
    return f"{one.name} ({one.type_title}{place})"


def _removable(one: Planned) -> bool:
    return one.type.lower() in REMOVABLE


@dataclass(frozen=True)
class RemoveLeftOver:
    """Deletes alert rules, budgets and the like that the answers no longer ask for, and names the rest.

    Attributes:
        left_over: What only the former answers have.

    """

    service: Service
    left_over: tuple[Planned, ...]
    needs: tuple[str, ...]
    key: ClassVar[str] = keys.LEFT_OVER
    title: ClassVar[str] = "No longer wanted"
    usual_seconds: ClassVar[float] = 5.0

    def check(self, context: Context) -> Outputs | None:  # noqa: ARG002  the same for every step
        """Never done before: apply reads the resources again."""
        return None

    def apply(self, context: Context) -> Outputs:
        """Delete what holds no data; a resource that Azure does not delete is named, the run continues."""
        for one in self.left_over:
            if _removable(one):
                self._delete(context, one)
            else:
                text = f"No longer wanted: {_label(one)}; delete it if nothing needs it"
                context.emit("warning", text, left=text, id=one.id)
        return {}

    def _delete(self, context: Context, one: Planned) -> None:
        what = _label(one)
        try:
            self.service.ask("DELETE", f"{one.id}?api-version={one.api_version}", doing=f"delete {one.name}")
        except AzureRefused as refused:
            if refused.status != 404:
                text = f"No longer wanted, but Azure does not delete it: {what}: {refused.code}"
                context.emit("warning", text, left=text, id=one.id)
            return
        context.emit("resource.finished", "deleted: the answers no longer ask for it", resource=what, id=one.id)

    def verify(self, context: Context, outputs: Outputs) -> None:
        """The result needs no proof: nothing depends on it."""


def changes_from(former: Answers | None, new: Answers) -> Changes:
    """The changes from former answers, none without them."""
    return Changes() if former is None else compare(former, new)
