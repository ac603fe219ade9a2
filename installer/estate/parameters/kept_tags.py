"""Tags of others on resource groups, networks and resources that hold data or secrets.

Tags of a template replace those of a resource: learn.microsoft.com, azure-resource-manager/management/tag-resources-bicep.
A resource has at most 50 tags: azure-docs, articles/azure-resource-manager/management/tag-resources.md.
"""

from collections.abc import Callable
from typing import Final

from installer.errors import CheckBlocked
from installer.estate.parameters.context import Installation
from installer.estate.parameters.data import server_ids
from installer.estate.parameters.stage_spec import KeptByOthers
from installer.json_access import as_object
from installer.jsontypes import Json

_GROUPS_VERSION: Final = "2025-04-01"
_SERVERS_VERSION: Final = "2025-08-01"
_TOP_LEVEL: Final = 9
"""Parts of the id of a resource that is in no other."""
_MAX_TAGS: Final = 50


def with_tags(it: Installation, kept: tuple[KeptByOthers, ...]) -> tuple[KeptByOthers, ...]:
    """Other settings of resources, and the tags of those resources that have some."""
    resources = {one.resource_id: one for one in kept if len(one.resource_id.split("/")) == _TOP_LEVEL}
    return (*kept, *(_tags(it, where, one.api_version) for where, one in resources.items()))


def kept_group_tags(it: Installation) -> tuple[KeptByOthers, ...]:
    """Tags of the resource groups."""
    groups = (
        (it.subscription, it.names.platform_group),
        *((site.subscription, it.names.group(site.name)) for site in it.sites),
    )
    return tuple(_tags(it, f"/subscriptions/{home}/resourceGroups/{group}", _GROUPS_VERSION) for home, group in groups)


def kept_server_tags(it: Installation) -> tuple[KeptByOthers, ...]:
    """Tags of the PostgreSQL servers."""
    return tuple(_tags(it, server, _SERVERS_VERSION) for server in server_ids(it))


def _tags(it: Installation, where: str, version: str) -> KeptByOthers:
    *_, kind, name = where.split("/")
    return KeptByOthers("kept", f"tags/{kind}/{name}", where, version, f"tags of {name}", _of_others(it, name))


def _of_others(it: Installation, holder: str) -> Callable[[dict[str, Json]], Json]:
    # FlowForge sets the same names in all environments; the names have no case.
    own = {name.lower() for name in it.tags(it.environments[0])}

    def select(content: dict[str, Json]) -> Json:
        others = {name: value for name, value in as_object(content.get("tags")).items() if name.lower() not in own}
        if len(others) + len(own) > _MAX_TAGS:
            raise CheckBlocked(
                f"{holder} has {len(others)} tags of others; with the {len(own)} of the installation it would have more "
                f"than {_MAX_TAGS}, which Azure refuses. Remove tags of others, or of the answer Tags."
            )
        return others

    return select
