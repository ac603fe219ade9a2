"""Step: reads the image of the customer's flows that the worker of a Container Apps environment has.

Flows run in the container of that worker, so `flows deploy` gives it their image; a later installation keeps that.
"""

from dataclasses import dataclass
from typing import ClassVar

from installer.cloud.rest import Service
from installer.engine.step import Context, Outputs
from installer.estate import keys
from installer.estate.parameters.context import Installation, Site
from installer.estate.parameters.resource_ids import resource_id
from installer.images.flow_context import FLOWS_REPOSITORY
from installer.json_access import as_text, member, objects_of
from installer.jsontypes import Json

_VERSION = "2025-07-01"


@dataclass(frozen=True)
class ReadFlowImage:
    """Reads the image.

    Attributes:
        arm: Client of Azure Resource Manager.
        it: The installation.
        site: The environment.

    """

    arm: Service
    it: Installation
    site: Site
    needs: tuple[str, ...] = (keys.FOUNDATION,)
    usual_seconds: ClassVar[float] = 1.0

    @property
    def key(self) -> str:
        """One for each environment."""
        return keys.flow_image(self.site.name)

    @property
    def title(self) -> str:
        """Title of the step."""
        return f"Image of the flows · {self.site.name}"

    def check(self, context: Context) -> Outputs | None:  # noqa: ARG002  the same for every step
        """Done at once; the output is its digest, "" if the worker has that of Prefect or does not exist yet."""
        return self.outputs()

    def apply(self, context: Context) -> Outputs:  # noqa: ARG002  the same for every step
        """As the check."""
        return self.outputs()

    def verify(self, context: Context, outputs: Outputs) -> None:
        """Nothing was changed."""

    def outputs(self) -> dict[str, Json]:
        """The digest. Queries Azure."""
        group, name = self.it.names.group(self.site.name), self.it.names.app(self.site.name, "worker")
        app = resource_id(self.site.subscription, group, "Microsoft.App/containerApps", name)
        found = self.arm.find(f"{app}?api-version={_VERSION}", doing=f"read {name}")
        containers = objects_of(member(found, "properties", "template", "containers"))
        image, _, digest = as_text(containers[0].get("image") if containers else "").partition("@")
        return {"digest": digest if image == f"{self.it.names.registry_host}/{FLOWS_REPOSITORY}" else ""}
