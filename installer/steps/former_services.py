"""Step: removes the app with the background services of several Prefect servers, once one server runs them itself.

Deployments do not delete it: an incremental one leaves what its template no longer has
(learn.microsoft.com/azure/azure-resource-manager/templates/deployment-modes). Two processes of background services without Redis
would share no events.
"""

from dataclasses import dataclass
from typing import Final

from installer.cloud.rest import Service
from installer.engine.step import Context, Outputs
from installer.errors import VerificationFailed
from installer.estate import keys
from installer.estate.parameters.context import Installation, Site
from installer.estate.parameters.prefect_container_apps import SERVICES
from installer.estate.parameters.prefect_server import has_separate_services
from installer.estate.parameters.resource_ids import resource_id
from installer.steps.polling import poll

VERSION: Final = "2025-07-01"
_POLL_SECONDS: Final = 10.0
_LIMIT_SECONDS: Final = 600.0


@dataclass(frozen=True)
class RemoveFormerServices:
    """Removes that app from an environment on Container Apps; the new server is deployed before."""

    service: Service
    it: Installation
    site: Site

    @property
    def key(self) -> str:
        """One for each environment."""
        return keys.former_services(self.site.name)

    @property
    def title(self) -> str:
        """Title of the step."""
        return f"Background services of several Prefect servers removed · {self.site.name}"

    @property
    def needs(self) -> tuple[str, ...]:
        """The stage with the apps."""
        return (keys.control_plane(self.site.name),)

    @property
    def usual_seconds(self) -> float:
        """One request."""
        return 2.0 / self.service.target.speed

    @property
    def app(self) -> str:
        """ID of the app."""
        group, name = self.it.names.group(self.site.name), self.it.names.app(self.site.name, SERVICES)
        return resource_id(self.site.subscription, group, "Microsoft.App/containerApps", name)

    @property
    def _app(self) -> str:
        return f"{self.app}?api-version={VERSION}"

    def exists(self) -> bool:
        """Whether there is something to remove. Queries Azure."""
        return self.service.find(self._app, doing="find former background services") is not None

    def check(self, context: Context) -> Outputs | None:  # noqa: ARG002  the same for every step
        """Done when it does not exist."""
        return None if self.exists() else {}

    def apply(self, context: Context) -> Outputs:
        """Delete it, and wait until it does not exist."""
        context.remember("begun", name=self.key)
        self.service.ask("DELETE", self._app, doing="remove the former background services of Prefect")
        for _ in poll(context, interval=_POLL_SECONDS, limit=_LIMIT_SECONDS, speed=self.service.target.speed):
            if self.check(context) is not None:
                break
        context.emit("resource.finished", "deleted", resource=self.it.names.app(self.site.name, SERVICES), type="app")
        return {}

    def verify(self, context: Context, outputs: Outputs) -> None:  # noqa: ARG002  the same for every step
        """Raises VerificationFailed if it still exists."""
        if self.check(context) is None:
            raise VerificationFailed(f"the app {self.it.names.app(self.site.name, SERVICES)} was not deleted")


def removes_former_services(it: Installation, site: Site) -> bool:
    """Whether an environment may have that app from earlier answers, and must not."""
    return not site.on_kubernetes and not has_separate_services(it)
