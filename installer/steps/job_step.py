"""The common part of steps that do more than run their job; each keeps the place of its job in the plan."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from installer.engine.step import Step

JobT = TypeVar("JobT", bound=Step)


@dataclass(frozen=True)
class JobStep(Generic[JobT]):
    """Has the key, the title and the needs of its job.

    Attributes:
        job: Runs in the runtime.

    """

    job: JobT

    @property
    def key(self) -> str:
        """One for each environment."""
        return self.job.key

    @property
    def title(self) -> str:
        """Title of the step."""
        return self.job.title

    @property
    def needs(self) -> tuple[str, ...]:
        """Keys of the steps before it."""
        return self.job.needs

    @property
    def usual_seconds(self) -> float:
        """Usual duration of the job."""
        return self.job.usual_seconds
