"""Step: records the answers of the installation in Azure, so that an installer on another machine can take over.

They are the parameters of a deployment without resources. Answers contain no secrets, only references to them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from installer import __version__
from installer.answers.model import Answers
from installer.cloud.arm import Arm
from installer.cloud.models import Deployment
from installer.conventions.naming import INSTALLATION_TAG
from installer.engine.journal import Journal
from installer.engine.step import Context, Outputs
from installer.errors import UsageError
from installer.estate import keys
from installer.estate.parameters.context import Installation
from installer.jsontypes import Json
from installer.steps.deployment import DIGEST_TAG, RUN_TAG, run_tag
from installer.steps.value_record import ValueRecord, record_template

STAGE: Final = "answers"
"""Names the deployment, like a stage."""
_TYPES: Final = {"answers": "object", "given": "object", "run": "string", "installer": "string"}
TEMPLATE: Final = record_template(_TYPES, outputs=False)


@dataclass(frozen=True)
class Recorded:
    """Record of an installation in Azure.

    Attributes:
        answers: as in the journal.
        given: source of each answer, as in the journal.
        run: name of the run that sent it.
        by: run@host.

    """

    installation: str
    subscription: str
    answers: dict[str, Json]
    given: dict[str, Json]
    run: str
    installer: str
    by: str


@dataclass(frozen=True)
class RecordAnswers:
    """Records the answers of an installation in Azure. `answers` and `given` as in the journal."""

    arm: Arm
    name: str
    installation: str
    location: str
    answers: Mapping[str, Json]
    given: Mapping[str, Json]
    installer: str
    key: ClassVar[str] = STAGE
    title: ClassVar[str] = "Answers recorded in Azure"
    needs: ClassVar[tuple[str, ...]] = (keys.PREFLIGHT,)
    usual_seconds: ClassVar[float] = 5.0
    """Estimated: a deployment without resources."""

    @property
    def _record(self) -> ValueRecord:
        return ValueRecord(self.arm, self.name, self.location, self.installation, TEMPLATE)

    @property
    def _digest(self) -> str:
        return self._record.digest({"answers": dict(self.answers), "given": dict(self.given)})

    def check(self, context: Context) -> Outputs | None:  # noqa: ARG002  the same for every step
        """Done when a run has recorded the same answers before."""
        found = self.arm.deployment(self.name)
        return {} if found and found.state == "succeeded" and found.tags.get(DIGEST_TAG) == self._digest else None

    def apply(self, context: Context) -> Outputs:
        """Record them, unless another run is deploying the same installation with other answers."""
        found = self._record.settled(context)
        if found is not None and found.tags.get(DIGEST_TAG) == self._digest and found.state == "succeeded":
            return {}
        self._refuse_second(context, found)
        context.remember("begun", name=self.name, digest=self._digest)
        values: dict[str, Json] = {
            "answers": dict(self.answers),
            "given": dict(self.given),
            "run": context.run,
            "installer": self.installer,
        }
        self._record.write(context, values, self._digest)
        return {}

    def _refuse_second(self, context: Context, found: Deployment | None) -> None:
        """Raises UsageError while another run is deploying the same installation with other answers."""
        by = found.tags.get(RUN_TAG, "") if found is not None else ""
        if not by or by == run_tag(context):
            return
        # Not those of this run: its steps run side by side, and one may have sent a deployment before this record is written.
        others = (one for one in self.arm.deployments(self.installation) if one.tags.get(RUN_TAG) != run_tag(context))
        running = [one.name for one in others if one.active]
        if running:
            raise UsageError(
                f"run {by} is deploying installation {self.installation} with other answers ({running[0]} is running): "
                "wait until it ends, or watch it with attach"
            )

    def verify(self, context: Context, outputs: Outputs) -> None:
        """The outcome of the deployment is proof enough."""


def record_of(arm: Arm, answers: Answers, journal: Journal) -> RecordAnswers:
    """The step for the answers of a run."""
    it = Installation(answers)
    kept, given = journal.fact("answers"), journal.fact("given")
    return RecordAnswers(
        arm,
        it.names.deployment(STAGE),
        answers.subscription.prefix,
        answers.subscription.region,
        kept if isinstance(kept, dict) else {},
        given if isinstance(given, dict) else {},
        __version__,
    )


def recorded(found: Deployment, subscription: str) -> Recorded | None:
    """The record in a deployment; None if it carries none."""
    answers, given = found.sent.get("answers"), found.sent.get("given")
    installation = found.tags.get(INSTALLATION_TAG, "")
    if not installation or not isinstance(answers, dict) or not isinstance(given, dict):
        return None
    run, installer = str(found.sent.get("run", "")), str(found.sent.get("installer", ""))
    return Recorded(installation, subscription, answers, given, run, installer, found.tags.get(RUN_TAG, ""))
