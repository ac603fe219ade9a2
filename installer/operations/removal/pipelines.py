"""The pipelines of an installation in a removal: the group of their identities, and the roles that these hold.

They go with the whole installation, unless they are to stay or the account that removes it is one of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.cloud.errors import AzureRefused
from installer.cloud.rest import ABSENT, ACCESS_DENIED
from installer.conventions.pipeline_names import is_deployment_of_pipelines, role_description
from installer.json_access import as_text, member
from installer.operations.removal.existing import ROLES_VERSION
from installer.operations.removal.model import Item, Kept

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.cloud.rest import Service
    from installer.json_access import JsonObject
    from installer.operations.removal.existing import Existing
    from installer.operations.removal.extent import Extent

DEFINITION: Final = "Microsoft.Authorization/roleDefinitions"
LISTED: Final = f"providers/{DEFINITION}?api-version={ROLES_VERSION}&$filter=type%20eq%20'CustomRole'"
_IDENTITIES: Final = "2023-01-31"
ASKED_TO_STAY: Final = "--keep-pipelines leaves it"
OWN_ACCOUNT: Final = "this account is one of its identities; uninstall with another account removes it"


def is_record(extent: Extent, deployment: JsonObject) -> bool:
    """Whether a deployment at subscription scope has made the pipelines that go."""
    return extent.takes_pipelines and is_deployment_of_pipelines(extent.prefix, as_text(deployment.get("name")))


def is_definition(extent: Extent, definition: JsonObject) -> bool:
    """Whether a role definition was made for the pipelines that go: its title alone could be of others."""
    return extent.takes_pipelines and member(definition, "properties", "description") == role_description(extent.prefix)


def definitions(existing: Existing) -> Iterator[Item]:
    """The roles, once each: one that is assignable in several subscriptions is listed in all of them."""
    found = {as_text(one.get("name")).lower(): one for one in reversed(existing.definitions)}
    for one in found.values():
        title = as_text(member(one, "properties", "roleName"))
        yield Item(as_text(one.get("id")), DEFINITION, ROLES_VERSION, title)


def kept_pipelines(extent: Extent, existing: Existing) -> Iterator[Kept]:
    """The group, if it exists and stays."""
    if extent.pipelines_stay and (group := existing.groups.get(extent.pipelines)):
        title = f"{as_text(group.get('name'))} (Resource group), with the roles of its identities"
        yield Kept(as_text(group.get("id")), title, extent.pipelines_stay, own=True)


def client_ids(extent: Extent, arm: Service) -> set[str]:
    """Client IDs of the identities in lower case. Queries Azure; empty for what this account may not read."""
    path = f"{extent.pipelines}/providers/Microsoft.ManagedIdentity/userAssignedIdentities?api-version={_IDENTITIES}"
    try:
        found = arm.every(path, doing="read the identities of the pipelines")
    except AzureRefused as refused:
        if refused.status not in {ABSENT, *ACCESS_DENIED}:
            raise
        return set()
    return {as_text(member(one, "properties", "clientId")).lower() for one in found} - {""}
