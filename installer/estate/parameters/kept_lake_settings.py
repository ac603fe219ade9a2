"""Settings of others on the data lakes: lifecycle rules, and properties of the blob service.

A lifecycle policy is written in full: azure-docs, articles/storage/blobs/lifecycle-management-overview.md.
"""

from collections.abc import Iterator
from typing import Final

from installer.estate.parameters.context import Installation
from installer.estate.parameters.resource_ids import resource_id
from installer.estate.parameters.stage_spec import KeptByOthers
from installer.json_access import as_list, as_object, as_text, member, objects_of
from installer.jsontypes import Json

_VERSION: Final = "2025-06-01"
_OWN_RULES: Final = frozenset({"cool", "landing"})


def kept_lake_settings(it: Installation) -> tuple[KeptByOthers, ...]:
    """Lifecycle rules, cross-origin rules, access time tracking and change feed of each lake."""
    return tuple(_settings(it))


def _settings(it: Installation) -> Iterator[KeptByOthers]:
    for site in it.sites:
        name = it.names.storage_account(site.name)
        account = resource_id(site.subscription, it.names.group(site.name), "Microsoft.Storage/storageAccounts", name)
        where = f"{account}/managementPolicies/default"
        yield KeptByOthers("kept", f"managementPolicies/{name}", where, _VERSION, name, _rules, holds="lifecycle rules")
        where = f"{account}/blobServices/default"
        yield KeptByOthers("kept", f"blobServices/{name}", where, _VERSION, name, _service)


def _rules(content: dict[str, Json]) -> Json:
    rules = objects_of(member(content, "properties", "policy", "rules"))
    return [rule for rule in rules if as_text(rule.get("name")) not in _OWN_RULES]


def _service(content: dict[str, Json]) -> Json:
    properties = as_object(content.get("properties"))
    used = {
        "cors": bool(as_list(member(properties, "cors", "corsRules"))),
        "lastAccessTimeTrackingPolicy": member(properties, "lastAccessTimeTrackingPolicy", "enable") is True,
        "changeFeed": member(properties, "changeFeed", "enabled") is True,
    }
    return {name: properties[name] for name, wanted in used.items() if wanted}
