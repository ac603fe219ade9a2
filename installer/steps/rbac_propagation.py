"""Step: the rights that were granted have had time to take effect.

Azure accepts a role assignment at once and lets it work later. What needs it too early fails: a cluster that may not yet
join its subnet, an app that may not yet pull its image. Nobody can ask on behalf of another identity whether its rights
work already, so this waits; what still comes too early is tried again by its own step.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar, Final

from installer.cloud.arm import Arm
from installer.engine.step import Context, Outputs
from installer.errors import VerificationFailed
from installer.estate import keys

EFFECT_SECONDS: Final = 120.0
"""Estimated: most role assignments work within two minutes. Azure promises no time."""
LOOK_SECONDS: Final = 5.0


@dataclass(frozen=True)
class WaitForRbacPropagation:
    """Waits until the deployment that granted the rights is old enough. `deployment` is its name."""

    arm: Arm
    deployment: str
    needs: tuple[str, ...]
    key: ClassVar[str] = keys.RBAC_PROPAGATION
    title: ClassVar[str] = "Rights take effect"

    @property
    def usual_seconds(self) -> float:
        """As long as it waits at most."""
        return EFFECT_SECONDS / self.arm.target.speed

    def _left(self) -> float:
        """Seconds that are left to wait, in the time of the target."""
        found = self.arm.deployment(self.deployment)
        if found is None or found.state != "succeeded":
            raise VerificationFailed(f"{self.deployment} granted rights, but no longer exists")
        if found.ended is None:
            return EFFECT_SECONDS
        age = (datetime.now(UTC) - found.ended).total_seconds() * self.arm.target.speed
        return min(max(EFFECT_SECONDS - age, 0.0), EFFECT_SECONDS)

    def check(self, context: Context) -> Outputs | None:  # noqa: ARG002  the same for every step
        """Done when nothing is left to wait."""
        return None if self._left() > 0 else {}

    def apply(self, context: Context) -> Outputs:
        """Wait, and tell for how long."""
        left = self._left()
        context.remember("begun", name=self.deployment)
        what = "role assignments"
        context.emit("resource.started", "taking effect", resource=what, usual=left / self.arm.target.speed)
        while left > 0:
            turn = min(left, LOOK_SECONDS)
            context.pause(turn / self.arm.target.speed)
            left -= turn
        context.emit("resource.finished", "have had time to take effect", resource=what)
        return {}

    def verify(self, context: Context, outputs: Outputs) -> None:
        """What needs the rights proves them."""
