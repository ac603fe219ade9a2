"""The homes, and their answers files."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal

from installer.answers.files import dump, load, save
from tests.e2e.conftest import ANSWERS

Prefect = Literal["aks", "apps", "cloud-aks", "cloud-apps"]
Web = Literal["service", "app"]
CLOUD_KEY: Final = "FLOWFORGE_TEST_CLOUD_KEY"
"""Environment variable with the API key of Prefect Cloud, which a rehearsal never sends there."""
SIGN_ON: Final = "FLOWFORGE_TEST_SIGN_ON"
"""Environment variable with the client secret of sign-on."""
_SIGN_ON: Final[Mapping[str, object]] = {
    "sign_on.method": "secret",
    "sign_on.client_id": "5d1c2b3a-4e5f-4a6b-8c7d-9e0f1a2b3c4d",
    "sign_on.client_secret": f"env:{SIGN_ON}",
}
_CLOUD: Final[Mapping[str, object]] = {
    "prefect": "cloud",
    "cloud_account": "b1946ac9-2d5f-4f0e-8a57-6f3f8d1c7e22",
    "cloud_workspace": "c3a9f0d2-6b1e-4f57-9a8c-2d4e6f801357",
    "cloud_key": f"env:{CLOUD_KEY}",
}


@dataclass(frozen=True)
class Home:
    """Where an installation runs.

    Attributes:
        prefect: Where servers and workers run; with Prefect Cloud, where its workers do.
        web: App Service or Container Apps.
        servers: Number of Prefect servers; 0 with Prefect Cloud.

    """

    prefect: Prefect
    web: Web
    servers: int

    @property
    def name(self) -> str:
        """Name on the command line."""
        return f"{self.prefect}-{self.web}" + (f"-{self.servers}" if self.servers else "")

    @property
    def in_cloud(self) -> bool:
        """Whether Prefect Cloud has the server."""
        return self.prefect.startswith("cloud")

    @property
    def on_kubernetes(self) -> bool:
        """Whether workers run in a cluster."""
        return self.prefect.endswith("aks")

    def platform(self) -> dict[str, object]:
        """Answers of the page Platform."""
        return {
            "runtime": "aks" if self.on_kubernetes else "container_apps",
            "control_plane": "app_service" if self.web == "service" else "container_app",
            **({"private_api": False} if self.on_kubernetes else {}),
            **({"prefect_servers": self.servers} if self.servers else _CLOUD),
        }

    def write(self, file: Path, more: Mapping[str, object] = MappingProxyType({})) -> Path:
        """Write its answers file, from that of a small development environment; `more`: other answers by key."""
        draft = load(ANSWERS / "dev.yaml").draft
        for key in [key for key in draft.given() if key.startswith("platform.")]:
            draft.forget(key)
        platform = {f"platform.{name}": value for name, value in self.platform().items()}
        for key, value in {**platform, **_SIGN_ON, **more}.items():
            draft.give(key, value, "file")
        save(file, dump(draft))
        return file


def _homes() -> dict[str, Home]:
    webs: tuple[Web, ...] = ("service", "app")
    own: tuple[Prefect, ...] = ("aks", "apps")
    cloud: tuple[Prefect, ...] = ("cloud-aks", "cloud-apps")
    found = [Home(*one) for one in product(own, webs, (1, 3))] + [Home(*one, 0) for one in product(cloud, webs)]
    return {home.name: home for home in found}


HOMES: Final[Mapping[str, Home]] = _homes()
"""All valid combinations by name."""
