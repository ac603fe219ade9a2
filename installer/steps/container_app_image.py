"""The image of a container app, read and changed on its own."""

from dataclasses import dataclass
from typing import Final

from installer.cloud.rest import Service
from installer.engine.step import Context
from installer.errors import DeploymentFailed
from installer.json_access import as_object, as_text, member, objects_of
from installer.jsontypes import Json
from installer.resource_id import name_of
from installer.steps.polling import poll

_VERSION: Final = "2025-07-01"
_POLL_SECONDS: Final = 5.0
_LIMIT_SECONDS: Final = 1200.0
_ENDED: Final = frozenset({"succeeded", "failed", "canceled"})


@dataclass(frozen=True)
class ContainerAppImage:
    """The first container of an app.

    Attributes:
        arm: Client of Azure Resource Manager.
        app: Resource ID of the app.

    """

    arm: Service
    app: str

    def current(self) -> str:
        """Its image."""
        containers = objects_of(member(self._read(), "properties", "template", "containers"))
        return as_text(containers[0].get("image")) if containers else ""

    def change(self, context: Context, image: str) -> None:
        """Give it another image, and wait for the new revision. Raises DeploymentFailed.

        An update replaces the list of containers as a whole, so it is sent with the settings that it has.
        """
        name = name_of(self.app)
        template = as_object(member(self._read(), "properties", "template"))
        containers: list[Json] = [*objects_of(template.get("containers"))]
        containers[0] = {**as_object(containers[0]), "image": image}
        body: dict[str, Json] = {"properties": {"template": {**template, "containers": containers}}}
        self.arm.ask("PATCH", self._path, body, doing=f"change the image of {name}")
        for _ in poll(context, interval=_POLL_SECONDS, limit=_LIMIT_SECONDS, speed=self.arm.target.speed):
            state = as_text(member(self._read(), "properties", "provisioningState"))
            if state.lower() in _ENDED:
                if state.lower() != "succeeded":
                    raise DeploymentFailed(f"the new revision of {name} ended as {state}")
                return
        raise DeploymentFailed(f"the new revision of {name} is not ready after {_LIMIT_SECONDS:.0f} s")

    def _read(self) -> dict[str, Json]:
        return self.arm.ask("GET", self._path, doing=f"read {name_of(self.app)}").body

    @property
    def _path(self) -> str:
        return f"{self.app}?api-version={_VERSION}"
