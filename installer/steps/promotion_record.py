"""Steps: record in Azure what was promoted to an environment, so that any machine finds it, and the version before.

The record is a deployment without resources, as that of the answers. An entry is written before anything changes, because a
promotion that fails needs its way back most, and completed once the acceptance run has proved the environment.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Final, Literal

from installer.cloud.arm import Arm
from installer.cloud.models import Deployment
from installer.engine.events import utc_now
from installer.engine.step import Context, Outputs, Step
from installer.estate import keys
from installer.estate.parameters.context import Installation
from installer.json_access import as_text, objects_of
from installer.jsontypes import Json
from installer.steps.deployment import run_tag
from installer.steps.promotion import Promotion
from installer.steps.upgrade_order import after_step
from installer.steps.value_record import ValueRecord, record_template

PROMOTION: Final = "promotion"
"""Name of the record."""
TEMPLATE: Final = record_template({"history": "array"}, outputs=False)
MAX_ENTRIES: Final = 20
"""Chosen: enough to go back several versions, and far below the size that Azure accepts for a deployment (4 MB,
learn.microsoft.com/azure/azure-resource-manager/templates/best-practices, "Template limits")."""
_CHANGING: Final = ("runtime", "controlplane", "migrate", "upgrade", "prefect", "worker", "reporter", "register")
"""Stages and steps of an environment that deploy its images."""
State = Literal["begun", "proved"]


@dataclass(frozen=True)
class Entry:
    """An entry of the record.

    Attributes:
        state: "proved" once the acceptance run of the target has passed.
        at: Time in UTC, ISO 8601.
        by: run@host.
        account: The account that was signed in, "" in entries of versions that did not record it.

    """

    promotion: Promotion
    state: State
    at: str
    by: str
    account: str = ""

    def as_json(self) -> dict[str, Json]:
        """As the record keeps it."""
        return {**self.promotion.as_json(), "state": self.state, "at": self.at, "by": self.by, "account": self.account}

    @property
    def who(self) -> str:
        """The account and the run, for people."""
        return f"{self.account or 'an account that was not recorded'} in run {self.by}"

    def shown_as_json(self) -> dict[str, Json]:
        """As the command line writes it: `from` is "" for a way back; images by kind; `flows` is a digest, "" for none."""
        one, (run, _, host) = self.promotion, self.by.partition("@")
        images: dict[str, Json] = {"before": dict(one.before), "after": dict(one.after), "flows": one.flows}
        facts: dict[str, Json] = {"state": self.state, "at": self.at, "account": self.account, "run": run, "host": host}
        return {"from": one.source, "to": one.target, **images, **facts}


def entries_of(found: Deployment | None) -> tuple[Entry, ...]:
    """The entries of a record, the newest one first; empty without a record."""
    history = objects_of(found.sent.get("history")) if found is not None else []
    return tuple(
        Entry(
            promotion,
            "proved" if one.get("state") == "proved" else "begun",
            as_text(one.get("at")),
            as_text(one.get("by")),
            as_text(one.get("account")),
        )
        for one in history
        if (promotion := Promotion.of(one)) is not None
    )


def to_undo(entries: Sequence[Entry]) -> Promotion | None:
    """The promotion that a way back undoes: the newest one that none has undone. `entries`: the newest one first."""
    undone = 0
    for one in entries:
        if not one.promotion.source:
            undone += 1
        elif undone:
            undone -= 1
        else:
            return one.promotion
    return None


@dataclass(frozen=True)
class RecordPromotion:
    """Adds an entry to the record of an environment, or completes it."""

    arm: Arm
    it: Installation
    promotion: Promotion
    state: State
    needs: tuple[str, ...]
    usual_seconds: ClassVar[float] = 5.0
    """Estimated: a deployment without resources."""

    @property
    def key(self) -> str:
        """One for each state."""
        target = self.promotion.target
        return keys.promotion(target) if self.state == "begun" else keys.promoted(target)

    @property
    def title(self) -> str:
        """Title of the step."""
        what = "Promotion" if self.promotion.source else "Way back"
        return f"{what} recorded in Azure · {self.promotion.target}{'' if self.state == 'begun' else ', proved'}"

    @property
    def record_name(self) -> str:
        """Name of the deployment that keeps the record."""
        return self.it.names.deployment(PROMOTION, self.promotion.target)

    def check(self, context: Context) -> Outputs | None:  # noqa: ARG002  the same for every step
        """Done when the record has this entry in this state, or completed."""
        found = entries_of(self.arm.deployment(self.record_name))
        wanted = {self.state, "proved"}
        same = any(one.promotion.mark == self.promotion.mark and one.state in wanted for one in found)
        return {} if same else None

    def apply(self, context: Context) -> Outputs:
        """Write the entry before the former ones."""
        record = ValueRecord(self.arm, self.record_name, self.it.location, self.it.names.prefix, TEMPLATE)
        former = entries_of(record.settled(context))
        others = [one for one in former if one.promotion.mark != self.promotion.mark]
        at, who = utc_now().isoformat(timespec="seconds"), self.arm.target.account
        own = Entry(self.promotion, self.state, at, run_tag(context), who)
        history: list[Json] = [*(one.as_json() for one in (own, *others)[:MAX_ENTRIES])]
        values: dict[str, Json] = {"history": history}
        digest = record.digest(values)
        context.remember("begun", name=self.record_name, digest=digest)
        record.write(context, values, digest)
        return {}

    def verify(self, context: Context, outputs: Outputs) -> None:
        """The outcome of the deployment is proof enough."""


def with_record(promotion: Promotion, steps: Iterable[Step], it: Installation, arm: Arm) -> tuple[Step, ...]:
    """The steps of a run with the record: begun before the target changes, proved after everything of the target."""
    target, found = promotion.target, [*steps]
    begun = RecordPromotion(arm, it, promotion, "begun", (keys.PREFLIGHT,))
    changing = {keys.of_environment(name, target) for name in _CHANGING}
    own = tuple(step.key for step in found if step.key.endswith(f"-{target}"))
    placed = [after_step(step, begun.key) if step.key in changing else step for step in found]
    return (*placed, begun, replace(begun, state="proved", needs=(begun.key, *own)))
