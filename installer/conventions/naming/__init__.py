"""Names of all resources of an installation, and host name suffixes of each cloud. Pure.

Names are computed here and passed to the templates as parameters. They are known before the deployment, so they can be
shown, checked for availability and compared with existing resources. Each name can be overridden.
"""

from dataclasses import dataclass
from typing import Final

from installer.conventions.clouds import CLOUDS, Cloud, CloudNames
from installer.conventions.naming import environment, monitoring, network, shared
from installer.conventions.naming.environment import EnvironmentNames
from installer.conventions.naming.monitoring import MonitoringNames
from installer.conventions.naming.network import NetworkNames
from installer.conventions.naming.rules import NameRule
from installer.conventions.naming.shared import SharedNames

__all__ = [
    "CLOUDS",
    "ENVIRONMENT_TAG",
    "INSTALLATION_TAG",
    "LAYERS",
    "NAME_RULES",
    "OWN_TAGS",
    "Cloud",
    "CloudNames",
    "NameRule",
    "Names",
]

LAYERS: Final = ("landing", "bronze", "silver", "gold")
"""Containers of every data lake, in the order in which data flows."""

INSTALLATION_TAG: Final = "flowforge-installation"
ENVIRONMENT_TAG: Final = "flowforge-environment"
MANAGED_BY_TAG: Final = "managed-by"
MANAGED_BY: Final = "flowforge-installer"
OWN_TAGS: Final = frozenset({INSTALLATION_TAG, ENVIRONMENT_TAG, MANAGED_BY_TAG})
"""Tags that the installer sets itself."""

NAME_RULES: Final[dict[str, NameRule]] = {
    **shared.NAME_RULES,
    **environment.NAME_RULES,
    **network.NAME_RULES,
    **monitoring.NAME_RULES,
}
"""Naming rule by kind of resource; the kind is the method of Names."""


@dataclass(frozen=True)
class Names(SharedNames, EnvironmentNames, NetworkNames, MonitoringNames):
    """All names of one installation. `environment` is dev, qa, uat or prod throughout."""

    def deployment(self, stage: str, environment: str | None = None) -> str:
        """Deployment of a stage at subscription scope; the same in every run, so that a resumed run finds it."""
        return f"ff-{self.prefix}-{stage}" + (f"-{environment}" if environment else "")

    def tags(self, environment: str | None = None) -> dict[str, str]:
        """Tags of all resources, by which the installation finds its resources."""
        tags = {INSTALLATION_TAG: self.prefix, MANAGED_BY_TAG: MANAGED_BY}
        return {**tags, ENVIRONMENT_TAG: environment} if environment else tags
