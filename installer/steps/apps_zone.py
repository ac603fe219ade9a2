"""Step: names the private DNS zone of a Container Apps environment that its organization has to create.

The name of an environment is chosen by Azure (learn.microsoft.com, container-apps/networking, "DNS"), so neither a template
of the organization nor a policy can know it in advance.
"""

from dataclasses import dataclass
from typing import Final

from installer.cloud.target import Target
from installer.engine.step import Context, Outputs
from installer.estate import keys
from installer.estate.parameters.context import Installation
from installer.estate.parameters.resource_ids import network_id
from installer.resource_id import name_of

_USUAL_SECONDS: Final = 1.0


def needs_apps_zone(it: Installation, environment: str) -> bool:
    """Whether the zone of an environment is left to its organization."""
    return it.site(environment).has_container_apps and not it.public and it.answers.network.dns == "policy"


@dataclass(frozen=True)
class NameAppsZone:
    """Reports zone, records and links, once the environment exists."""

    it: Installation
    environment: str
    target: Target

    @property
    def key(self) -> str:
        """One for each environment."""
        return keys.apps_zone(self.environment)

    @property
    def title(self) -> str:
        """Title of the step."""
        return f"Names of Container Apps · {self.environment}"

    @property
    def needs(self) -> tuple[str, ...]:
        """The stage that creates the environment."""
        return (keys.runtime(self.environment),)

    @property
    def usual_seconds(self) -> float:
        """At once."""
        return _USUAL_SECONDS / self.target.speed

    def check(self, context: Context) -> Outputs | None:  # noqa: ARG002  the same for every step
        """Reported in every run: the zones of the organization cannot be read."""
        return None

    def apply(self, context: Context) -> Outputs:
        """Report what the owner of the private DNS zones has to create."""
        context.remember("begun", name=self.key)
        built = context.outputs[keys.runtime(self.environment)]
        networks = " and ".join(name_of(network_id(self.it, name)) for name in ("hub", self.environment))
        zone = f"{built['defaultDomain']} with the records * A {built['staticIp']} and @ A {built['staticIp']}"
        text = f"ask the owner of the private DNS zones for the zone {zone}, linked to {networks}"
        context.emit("warning", text, left=f"DNS: private zone {zone}, linked to {networks}")
        return {}

    def verify(self, context: Context, outputs: Outputs) -> None:
        """Nothing was changed."""
