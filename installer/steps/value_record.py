"""Values that are kept in Azure as a deployment without resources, where another run and another machine find them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from installer.cloud.arm import Arm
from installer.cloud.models import Deployment
from installer.conventions.naming import INSTALLATION_TAG
from installer.engine.step import Context
from installer.errors import DeploymentFailed
from installer.jsontypes import Json
from installer.steps.deployment import DIGEST_TAG, RUN_TAG, digest_of, run_tag
from installer.steps.deployment_follower import Follower

_SCHEMA: Final = "https://schema.management.azure.com/schemas/2018-05-01/subscriptionDeploymentTemplate.json#"


def record_template(types: Mapping[str, str], *, outputs: bool) -> dict[str, Json]:
    """Template without resources.

    Args:
        types: Type of each parameter by its name.
        outputs: Whether each parameter is an output too.

    """
    template: dict[str, Json] = {
        "$schema": _SCHEMA,
        "contentVersion": "1.0.0.0",
        "parameters": {name: {"type": kind} for name, kind in types.items()},
        "resources": [],
    }
    if outputs:
        template["outputs"] = {name: {"type": kind, "value": f"[parameters('{name}')]"} for name, kind in types.items()}
    return template


@dataclass(frozen=True)
class ValueRecord:
    """A record in Azure.

    Attributes:
        arm: Client of Azure Resource Manager.
        name: Name of the deployment.
        location: Region that keeps it.
        installation: Prefix of the installation.
        template: Declares a parameter for each value.

    """

    arm: Arm
    name: str
    location: str
    installation: str
    template: Mapping[str, Json]

    def digest(self, values: Mapping[str, Json]) -> str:
        """Hash by which the record of the same values is recognised."""
        return digest_of(self.template, values, {})

    def settled(self, context: Context) -> Deployment | None:
        """The deployment after its end, which another run may have begun; None if it does not exist."""
        found = self.arm.deployment(self.name)
        return Follower(self.arm, context, self.name).outcome() if found is not None and found.active else found

    def write(self, context: Context, values: Mapping[str, Json], digest: str) -> None:
        """Send the values and wait for the end. Raises DeploymentFailed."""
        self.arm.begin(
            self.name,
            location=self.location,
            template=self.template,
            parameters={name: {"value": value} for name, value in values.items()},
            tags={DIGEST_TAG: digest, INSTALLATION_TAG: self.installation, RUN_TAG: run_tag(context)},
        )
        ended = Follower(self.arm, context, self.name).outcome()
        if ended.state != "succeeded":
            raise DeploymentFailed(f"the record {self.name} was not written: the deployment is {ended.state}")
