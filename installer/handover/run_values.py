"""Values that only a deployment yields, such as the IDs of identities: the recorded ones of a run, or placeholders.

A placeholder is `${NAME}`: an environment variable that the reader of the files sets, with the command that prints its value.
"""

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from installer.estate import keys
from installer.estate.parameters.app_registration import unique_name
from installer.estate.parameters.context import Installation, Site
from installer.estate.parameters.images import ImageKind, answered_digest, answered_image, image_uses
from installer.estate.parameters.resource_ids import resource_id
from installer.estate.parameters.stage_spec import Outputs
from installer.jsontypes import Json

if TYPE_CHECKING:
    from collections.abc import Mapping

_IDENTITIES: Final = "Microsoft.ManagedIdentity/userAssignedIdentities"
_APPLICATIONS: Final = "$(az cloud show --query endpoints.microsoftGraphResourceId --output tsv)v1.0/applications"


@dataclass(frozen=True)
class RunValue:
    """A value that is not known before a deployment.

    Attributes:
        variable: Name of the environment variable.
        after: Key of the stage or step after which it is known.
        command: Command that prints it.

    """

    variable: str
    after: str
    command: str

    @property
    def placeholder(self) -> str:
        """Its replacement in a parameter."""
        return f"${{{self.variable}}}"


def run_values(it: Installation, known: Outputs) -> tuple[tuple[RunValue, ...], Outputs]:
    """The unknown values of an installation, and the outputs of its stages with placeholders for them.

    Args:
        it: the installation.
        known: recorded outputs by key of the stage or step; they need no placeholders.

    """
    found: list[RunValue] = []
    outputs: dict[str, Mapping[str, Json]] = {}
    if keys.FOUNDATION not in known:
        outputs[keys.FOUNDATION] = {"environmentPrincipals": [_principals(it, site, found) for site in it.sites]}
    for use in image_uses(it):
        if use.key not in known:
            digest = answered_digest(it, use.kind, use.environment) or _digest(it, use.kind, found)
            outputs[use.key] = {"digest": digest}
    for site in it.sites:
        for key, names in _outputs_of_deployments(site).items():
            if key not in known:
                outputs[key] = {name: _output(it, site, key, name, found) for name in names}
        registered = keys.app_registration(site.name)
        if it.registers and registered not in known:
            value = RunValue(_variable(site, "applicationId"), registered, _application_id(it, site))
            outputs[registered] = {"clientId": value.placeholder}
            found.append(value)
    return tuple(found), {**outputs, **known}


def registration_command(it: Installation, environment: str) -> str:
    """Command that creates the app registration of an environment, under the name by which the installer finds it."""
    address = f"{_APPLICATIONS}(uniqueName='{unique_name(it, environment)}')"
    body = f'{{"displayName": "FlowForge {it.names.prefix} {environment}"}}'
    return (
        f'az rest --method PATCH --url "{address}" --headers Prefer=create-if-missing '
        f"Content-Type=application/json --body {shlex.quote(body)}"
    )


def _digest(it: Installation, kind: ImageKind, found: list[RunValue]) -> str:
    """Digest of an image, which the instructions after the foundation put into the registry."""
    command = (
        f"az acr repository show --subscription {it.subscription} --name {it.names.registry} "
        f"--image {answered_image(it, kind)} --query digest --output tsv"
    )
    value = RunValue(f"FLOWFORGE_{kind}_IMAGE_DIGEST".upper(), keys.FOUNDATION, command)
    found.append(value)
    return value.placeholder


def _principals(it: Installation, site: Site, found: list[RunValue]) -> Json:
    principals: list[Json] = []
    for workload in it.workloads(site):
        name = it.names.identity(site.name, workload)
        where = resource_id(site.subscription, it.names.group(site.name), _IDENTITIES, name)
        ids: dict[str, Json] = {}
        for member in ("principalId", "clientId"):
            command = f"az identity show --ids {where} --query {member} --output tsv"
            value = RunValue(_variable(site, f"{workload}{member[0].upper()}{member[1:]}"), keys.FOUNDATION, command)
            found.append(value)
            ids[member] = value.placeholder
        principals.append({"workload": workload, **ids})
    return {"name": site.name, "principals": principals}


def _outputs_of_deployments(site: Site) -> dict[str, tuple[str, ...]]:
    """Outputs that later stages use, by key of the stage."""
    apps = {keys.runtime(site.name): ("defaultDomain", "staticIp")} if site.has_container_apps else {}
    return {**apps, keys.control_plane(site.name): ("host",)}


def _output(it: Installation, site: Site, key: str, name: str, found: list[RunValue]) -> str:
    stage = key.removesuffix(f"-{site.name}")
    deployment = it.names.deployment(stage, site.name)
    command = (
        f"az deployment sub show --subscription {it.subscription} --name {deployment} "
        f"--query properties.outputs.{name}.value --output tsv"
    )
    value = RunValue(_variable(site, name), key, command)
    found.append(value)
    return value.placeholder


def _application_id(it: Installation, site: Site) -> str:
    address = f"{_APPLICATIONS}(uniqueName='{unique_name(it, site.name)}')"
    return f'az rest --method GET --url "{address}" --query appId --output tsv'


def _variable(site: Site, name: str) -> str:
    """FLOWFORGE_PROD_WEB_PRINCIPAL_ID for webPrincipalId of prod."""
    words = "".join(f"_{one}" if one.isupper() else one for one in name)
    return f"FLOWFORGE_{site.name}_{words}".upper()
