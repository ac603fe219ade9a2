"""Every name that the installation gives away, and the names by which each cloud answers. Pure: answers in, names out.

Names are computed here and handed to the templates as plain parameters. So they are known before anything is deployed:
they can be shown, checked for availability, and compared with what exists. Each can be replaced one by one.
"""

from dataclasses import dataclass
from typing import Final

from installer.conventions.clouds import CLOUDS, Cloud, CloudNames
from installer.conventions.naming import environment, monitoring, network, shared
from installer.conventions.naming.environment import EnvironmentNames
from installer.conventions.naming.monitoring import WatchNames
from installer.conventions.naming.network import NetworkNames
from installer.conventions.naming.rules import Law
from installer.conventions.naming.shared import SharedNames

__all__ = [
    "CLOUDS",
    "ENVIRONMENT_TAG",
    "INSTALLATION_TAG",
    "LAWS",
    "LAYERS",
    "OWN_TAGS",
    "STAGE_NAMES",
    "Cloud",
    "CloudNames",
    "Law",
    "Names",
]

STAGE_NAMES: Final = (
    "foundation",
    "network",
    "grants",
    "data",
    "runtime",
    "secrets",
    "controlplane",
    "ingress",
    "observability",
    "protection",
    "integrations",
)
LAYERS: Final = ("landing", "bronze", "silver", "gold")
"""Containers of every data lake, in the order in which data flows."""

INSTALLATION_TAG: Final = "flowforge-installation"
ENVIRONMENT_TAG: Final = "flowforge-environment"
MANAGED_BY_TAG: Final = "managed-by"
MANAGED_BY: Final = "flowforge-installer"
OWN_TAGS: Final = frozenset({INSTALLATION_TAG, ENVIRONMENT_TAG, MANAGED_BY_TAG})
"""Tags that the installer sets itself."""

LAWS: Final[dict[str, Law]] = {**shared.LAWS, **environment.LAWS, **network.LAWS, **monitoring.LAWS}
"""What can be named one by one: kind, which is the method of Names, to what Azure takes."""


@dataclass(frozen=True)
class Names(SharedNames, EnvironmentNames, NetworkNames, WatchNames):
    """All names of one installation. `environment` is dev, qa, uat or prod throughout."""

    def deployment(self, stage: str, environment: str | None = None) -> str:
        """Deployment of a stage at subscription scope; the same for every run, so that a run can find it again."""
        return f"ff-{self.prefix}-{stage}" + (f"-{environment}" if environment else "")

    def tags(self, environment: str | None = None) -> dict[str, str]:
        """Tags of everything that is built, by which the installation finds its own resources again."""
        tags = {INSTALLATION_TAG: self.prefix, MANAGED_BY_TAG: MANAGED_BY}
        return {**tags, ENVIRONMENT_TAG: environment} if environment else tags
