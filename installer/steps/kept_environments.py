"""Environments that a run leaves as they are: their steps only hand on what Azure has of them, and their acceptance runs still prove them.

A promotion changes one environment. A step of another one would deploy it with the template and the programs of this version, if
those have changed since; its acceptance run changes nothing, and the next promotion from it needs that proof.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from installer.engine.step import Context, Outputs, Step
from installer.estate import keys
from installer.steps.cluster import RemoveClusterRole


@dataclass(frozen=True)
class KeptStep:
    """A step that is done already.

    Attributes:
        found: Its outputs, as Azure has them.

    """

    key: str
    title: str
    needs: tuple[str, ...]
    found: Outputs
    usual_seconds: ClassVar[float] = 0.0

    def check(self, context: Context) -> Outputs | None:  # noqa: ARG002  the same for every step
        """Always done."""
        return self.found

    def apply(self, context: Context) -> Outputs:  # noqa: ARG002
        """Change nothing."""
        return self.found

    def verify(self, context: Context, outputs: Outputs) -> None:
        """Read nothing."""


def with_kept(steps: Iterable[Step], kept: Collection[str], outputs: Mapping[str, Outputs]) -> tuple[Step, ...]:
    """The steps of an installation, without those that change the kept environments.

    Args:
        steps: The steps.
        kept: Names of these environments.
        outputs: Outputs of what is deployed, by key.

    """
    return tuple(_kept(step, outputs) if keys.belongs_to(step.key, kept) else step for step in steps)


def _kept(step: Step, outputs: Mapping[str, Outputs]) -> Step:
    acceptance = step.key.startswith(keys.of_environment("canary", ""))
    # The acceptance run in a cluster takes a temporary role, which has to go again.
    if acceptance or isinstance(step, RemoveClusterRole):
        return step
    return KeptStep(step.key, step.title, step.needs, outputs.get(step.key, {}))
