"""Settings of the programs that run inside the network of an environment, and where they are reached."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from installer.cloud.rest import Service
from installer.engine.step import Context
from installer.estate.parameters.context import Installation, Site
from installer.estate.parameters.images import deployed_image
from installer.estate.parameters.prefect_api import SERVER, prefect_url
from installer.estate.parameters.stage_spec import Outputs
from installer.json_access import as_object
from installer.jsontypes import Json
from installer.prefect_setup.desired import FlowRunLocation, describe
from installer.prefect_setup.model import Estate
from installer.prefect_setup.payload import canary_settings, registration_settings

_LOCAL_SECONDS: Final[Mapping[str, float]] = {
    "bootstrap": 4.0,
    "upgrade": 6.0,
    "prefect": 12.0,
    "worker": 3.0,
    "register": 8.0,
    "canary": 10.0,
}
"""Seconds that the real processes of a rehearsal take on an idle machine with two cores (measured)."""


@dataclass(frozen=True)
class ProgramSettings:
    """Settings of the Prefect program in an environment, and the URL of Prefect for users."""

    it: Installation
    site: Site
    arm: Service
    run: str
    ready: Mapping[str, str]

    def reachable(self, stage: str) -> str:
        """Key of the step after which the resources of a stage can be reached."""
        return self.ready.get(stage, stage)

    def local_seconds(self, name: str) -> float:
        """Seconds that the real processes of a rehearsal take for a step; 0 in a real cloud."""
        return _LOCAL_SECONDS.get(name, 0.0) if self.arm.target.is_rehearsal else 0.0

    def registration_settings(self, outputs: Outputs) -> dict[str, Json]:
        """Settings to register the Prefect objects."""
        image = deployed_image(self.it, "prefect", outputs, self.site.name)
        every = describe(self.it.answers, FlowRunLocation.on_azure(image))
        return registration_settings(Estate(tuple(one for one in every.environments if one.name == self.site.name)))

    def canary_settings(self, outputs: Outputs) -> dict[str, Json]:  # noqa: ARG002  as for every program
        """Settings to run the canary."""
        return canary_settings(self.site.name, self.run)

    def address(self, context: Context) -> str:
        """URL of the Prefect UI, on this machine in a rehearsal; "" if unknown."""
        if self.arm.target.is_rehearsal:
            found = self.arm.ask("GET", "/rehearsal/prefect").body
            return str(as_object(found.get("servers")).get(self._server_name(context)) or found.get("address", ""))
        url = prefect_url(self.it, self.site, context.outputs)
        return "" if url is None or self.it.answers.platform.prefect == "cloud" else url.removesuffix("/api")

    def _server_name(self, context: Context) -> str:
        """Name of the Prefect server in its network."""
        if self.site.on_kubernetes:
            return f"{SERVER}.{self.it.names.namespace(self.site.name)}.svc"
        return urlsplit(prefect_url(self.it, self.site, context.outputs) or "").hostname or ""
