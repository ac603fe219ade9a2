"""Step: registers the resource providers of the templates in every subscription of the installation."""

from dataclasses import dataclass
from typing import ClassVar

from installer.cloud.arm import Arm
from installer.engine.step import Context, Outputs
from installer.errors import VerificationFailed
from installer.estate import keys
from installer.steps.retry_conditions import HasRetryConditions, StepScope

POLL_SECONDS = 5.0


@dataclass(frozen=True)
class RegisterProviders(HasRetryConditions):
    """Registers all missing providers at once, and waits until Azure reports them as registered."""

    arm: Arm
    namespaces: tuple[str, ...]
    subscriptions: tuple[str, ...]
    scope: StepScope | None = None
    key: ClassVar[str] = keys.PROVIDERS
    title: ClassVar[str] = "Resource providers"
    needs: ClassVar[tuple[str, ...]] = (keys.POLICIES,)

    @property
    def usual_seconds(self) -> float:
        """A minute if a provider has to be registered."""
        return 60 / self.arm.target.speed

    def _missing(self) -> list[tuple[str, str]]:
        """Namespace and subscription of every provider that is not registered."""
        missing: list[tuple[str, str]] = []
        for subscription in self.subscriptions:
            states = self.arm.registrations(subscription)
            known = {name for name, state in states.items() if state.lower() == "registered"}
            missing += [(name, subscription) for name in self.namespaces if name.lower() not in known]
        return missing

    def _label(self, missing: tuple[str, str]) -> str:
        name, subscription = missing
        return name if len(self.subscriptions) == 1 else f"{name} in {subscription}"

    def check(self, context: Context) -> Outputs | None:  # noqa: ARG002  the same for every step
        """Done when all providers are registered."""
        return None if self._missing() else {}

    def apply(self, context: Context) -> Outputs:
        """Register the missing providers, and wait."""
        waiting = self._missing()
        context.remember("begun", name=",".join(map(self._label, waiting)))
        for one in waiting:
            context.emit("resource.started", "registering", resource=self._label(one), type="provider")
            self.arm.register(*one)
        while waiting:
            context.pause(max(0.2, POLL_SECONDS / self.arm.target.speed))
            still = self._missing()
            for one in waiting:
                if one not in still:
                    context.emit("resource.finished", "registered", resource=self._label(one), type="provider")
            waiting = still
        return {}

    def verify(self, context: Context, outputs: Outputs) -> None:  # noqa: ARG002  the same for every step
        """Read the registrations again."""
        missing = self._missing()
        if missing:
            raise VerificationFailed(f"not registered: {', '.join(map(self._label, missing))}")
