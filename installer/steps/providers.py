"""Step: the resource providers that our templates need are registered in the subscription."""

from dataclasses import dataclass
from typing import ClassVar

from installer.cloud.arm import Arm
from installer.engine.step import Context, Outputs
from installer.errors import VerificationFailed

LOOK_SECONDS = 5.0


@dataclass(frozen=True)
class RegisterProviders:
    """Registers what is missing, all at once, and waits until Azure says so."""

    arm: Arm
    namespaces: tuple[str, ...]
    key: ClassVar[str] = "providers"
    title: ClassVar[str] = "Resource providers"
    needs: ClassVar[tuple[str, ...]] = ()

    @property
    def usual_seconds(self) -> float:
        """A minute when something has to be registered."""
        return 60 / self.arm.target.speed

    def _missing(self) -> list[str]:
        states = self.arm.registrations()
        return [name for name in self.namespaces if states.get(name.lower(), "").lower() != "registered"]

    def check(self, context: Context) -> Outputs | None:  # noqa: ARG002  the same for every step
        """Done when nothing is missing."""
        return None if self._missing() else {}

    def apply(self, context: Context) -> Outputs:
        """Register, and wait."""
        waiting = self._missing()
        context.remember("begun", name=",".join(waiting))
        for name in waiting:
            context.emit("resource.started", "registering", resource=name, type="provider")
            self.arm.register(name)
        while waiting:
            context.pause(max(0.2, LOOK_SECONDS / self.arm.target.speed))
            still = self._missing()
            for name in waiting:
                if name not in still:
                    context.emit("resource.finished", "registered", resource=name, type="provider")
            waiting = still
        return {}

    def verify(self, context: Context, outputs: Outputs) -> None:  # noqa: ARG002  the same for every step
        """Ask once more."""
        missing = self._missing()
        if missing:
            raise VerificationFailed(f"not registered: {', '.join(missing)}")
