"""Step: registers the resource providers of the templates in every subscription of the installation."""

import shlex
from dataclasses import dataclass
from typing import ClassVar, Final, Literal

from installer.cloud.arm import Arm
from installer.cloud.errors import AzureRefused
from installer.cloud.rest import ACCESS_DENIED
from installer.engine.step import Context, Outputs
from installer.errors import CheckBlocked, VerificationFailed
from installer.estate import keys
from installer.steps.retry_conditions import HasRetryConditions, StepScope

POLL_SECONDS = 5.0
_UNREADABLE: Final = ACCESS_DENIED | {404}
"""Azure answers 404 for a subscription that an account does not see."""


@dataclass(frozen=True)
class RegisterProviders(HasRetryConditions):
    """Registers all missing providers at once, and waits until Azure reports them as registered.

    Attributes:
        elsewhere: Namespaces that another subscription needs, such as that of existing DNS zones, with its ID. What this
            account may not read there is not checked.

    """

    arm: Arm
    namespaces: tuple[str, ...]
    subscriptions: tuple[str, ...]
    elsewhere: tuple[tuple[str, str], ...] = ()
    scope: StepScope | None = None
    key: ClassVar[str] = keys.PROVIDERS
    title: ClassVar[str] = "Resource providers"
    needs: ClassVar[tuple[str, ...]] = (keys.PREFLIGHT,)

    @property
    def usual_seconds(self) -> float:
        """A minute if a provider has to be registered."""
        return 60 / self.arm.target.speed

    def missing(self) -> list[tuple[str, str]]:
        """Namespace and subscription of every provider that is not registered."""
        missing: list[tuple[str, str]] = []
        for subscription in self.subscriptions:
            states = self.arm.registrations(subscription)
            known = {name for name, state in states.items() if state.lower() == "registered"}
            missing += [(name, subscription) for name in self.namespaces if name.lower() not in known]
        return missing + [one for one in self.elsewhere if self._state(*one) == "missing"]

    def _state(self, namespace: str, subscription: str) -> Literal["registered", "missing", "unknown"]:
        """State of a provider in a subscription of others."""
        try:
            found = self.arm.registrations(subscription).get(namespace.lower(), "")
        except AzureRefused as refused:
            if refused.status not in _UNREADABLE:
                raise
            return "unknown"
        return "registered" if found.lower() == "registered" else "missing"

    def label(self, missing: tuple[str, str]) -> str:
        """The namespace, with its subscription if there are several."""
        name, subscription = missing
        return name if (subscription,) == self.subscriptions else f"{name} in {subscription}"

    def check(self, context: Context) -> Outputs | None:
        """Done when all providers are registered."""
        for one in self.elsewhere:
            if self._state(*one) == "unknown":
                context.emit("not-checked", f"registration of {self.label(one)}: this account may not read it")
        return None if self.missing() else {}

    def apply(self, context: Context) -> Outputs:
        """Register the missing providers, and wait."""
        waiting = self.missing()
        context.remember("begun", name=",".join(map(self.label, waiting)))
        for one in waiting:
            context.emit("resource.started", "registering", resource=self.label(one), type="provider")
            self._register(*one)
        while waiting:
            context.pause(max(0.2, POLL_SECONDS / self.arm.target.speed))
            still = self.missing()
            for one in waiting:
                if one not in still:
                    context.emit("resource.finished", "registered", resource=self.label(one), type="provider")
            waiting = still
        return {}

    def _register(self, namespace: str, subscription: str) -> None:
        try:
            self.arm.register(namespace, subscription)
        except AzureRefused as refused:
            if (namespace, subscription) not in self.elsewhere or refused.status not in ACCESS_DENIED:
                raise
            words = shlex.join(("az", "provider", "register", "-n", namespace, "--subscription", subscription))
            raise CheckBlocked(
                f"the subscription of the private DNS zones needs the resource provider {namespace}, and this account may not "
                f"register it; ask an owner of the subscription to run {words}"
            ) from refused

    def verify(self, context: Context, outputs: Outputs) -> None:  # noqa: ARG002  the same for every step
        """Read the registrations again."""
        missing = self.missing()
        if missing:
            raise VerificationFailed(f"not registered: {', '.join(map(self.label, missing))}")
