"""Step: waits until role assignments have taken effect.

Azure accepts a role assignment at once, but it takes effect later. Until then resources fail that need it: a cluster
that joins its subnet, an app that pulls its image. The effective rights of another identity cannot be queried, so this
step waits for a fixed time; steps that still fail are retried.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar, Final

from installer.cloud.arm import Arm
from installer.engine.step import Context, Outputs
from installer.errors import VerificationFailed
from installer.estate import keys

EFFECT_SECONDS: Final = 120.0
"""Estimated: most role assignments take effect within two minutes. Azure guarantees no time."""
POLL_SECONDS: Final = 5.0


@dataclass(frozen=True)
class WaitForRbacPropagation:
    """Waits for a fixed time after the end of the deployment with the role assignments. `deployment` is its name."""

    arm: Arm
    deployment: str
    needs: tuple[str, ...]
    key: ClassVar[str] = keys.RBAC_PROPAGATION
    title: ClassVar[str] = "Rights take effect"

    @property
    def usual_seconds(self) -> float:
        """The longest wait."""
        return EFFECT_SECONDS / self.arm.target.speed

    def _left(self) -> float:
        """Remaining wait, in seconds of the target."""
        found = self.arm.deployment(self.deployment)
        if found is None or found.state != "succeeded":
            raise VerificationFailed(f"{self.deployment} granted rights, but no longer exists")
        if found.ended is None:
            return EFFECT_SECONDS
        age = (datetime.now(UTC) - found.ended).total_seconds() * self.arm.target.speed
        return min(max(EFFECT_SECONDS - age, 0.0), EFFECT_SECONDS)

    def check(self, context: Context) -> Outputs | None:  # noqa: ARG002  the same for every step
        """Done when the wait is over."""
        return None if self._left() > 0 else {}

    def apply(self, context: Context) -> Outputs:
        """Wait for the remaining time."""
        left = self._left()
        context.remember("begun", name=self.deployment)
        resource = "role assignments"
        context.emit("resource.started", "taking effect", resource=resource, usual=left / self.arm.target.speed)
        while left > 0:
            pause = min(left, POLL_SECONDS)
            context.pause(pause / self.arm.target.speed)
            left -= pause
        context.emit("resource.finished", "have had time to take effect", resource=resource)
        return {}

    def verify(self, context: Context, outputs: Outputs) -> None:
        """The steps that need the rights verify them."""
