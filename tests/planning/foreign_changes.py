"""Changes that other users make in a subscription, generated from a seed: some touch a plan, the others do not."""

import copy
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from random import Random
from uuid import UUID

from installer.emulator.state.resources import Resource
from installer.json_access import JsonObject, as_object
from installer.jsontypes import Json
from installer.resource_id import parse_id

LEAVES = {
    "microsoft.authorization/roleassignments",
    "microsoft.insights/diagnosticsettings",
    "microsoft.insights/workbooks",
    "microsoft.managedidentity/userassignedidentities/federatedidentitycredentials",
    "microsoft.network/privatednszones/virtualnetworklinks",
    "microsoft.storage/storageaccounts/blobservices/containers",
}
"""Types that contain nothing: their deletion touches one line of a plan."""
SKUS = {
    "microsoft.storage/storageaccounts": "Standard_RAGRS",
    "microsoft.containerregistry/registries": "Premium",
    "microsoft.web/serverfarms": "P3v3",
    "microsoft.dbforpostgresql/flexibleservers": "Standard_D8ds_v5",
}
"""Another SKU by type."""
KEPT_TAG = "tag of others that a run keeps"


@dataclass(frozen=True)
class Planned:
    """Settings of the planned resources.

    Attributes:
        planned: Planned that the templates set, by resource ID and name.
        keep_tags: IDs of resources on which a run keeps the tags of others.

    """

    switches: Mapping[str, Mapping[str, bool]]
    keep_tags: AbstractSet[str]


@dataclass(frozen=True)
class ForeignChange:
    """A change of another user.

    Attributes:
        kind: Its kind.
        resource: The resource afterwards, None if it is deleted.
        id: ID of the resource.
        path: What the plan has to name beside the resource.

    """

    kind: str
    resource: Resource | None
    id: str
    path: str = ""


def changed(resource: Resource, *path: str, to: Json) -> Resource:
    """A resource with another value."""
    desired: JsonObject = copy.deepcopy(resource.desired)
    inner = desired
    for name in path[:-1]:
        inner = as_object(inner.setdefault(name, {}))
    inner[path[-1]] = to
    return replace(resource, desired=desired)


# -- changes that touch a plan ----------------------------------------------------------------------------------------


def touching(resource: Resource, chosen: Random, planned: Planned) -> ForeignChange:
    """A change of a value that the templates set, or of the tags, which a deployment replaces, or a deletion."""
    if (rare := _resized(resource, chosen, planned)) is not None:
        return rare
    found = [kind(resource, chosen, planned) for kind in (_deleted, _retagged, _tagged, _switched)]
    return chosen.choice([one for one in found if one is not None])


def _deleted(resource: Resource, _chosen: Random, _planned: Planned) -> ForeignChange | None:
    if resource.type.lower() not in LEAVES:
        return None
    return ForeignChange("deleted", None, resource.id, "planned: same, now: create")


def _retagged(resource: Resource, chosen: Random, _planned: Planned) -> ForeignChange | None:
    tags = sorted(as_object(resource.desired.get("tags")))
    if not tags:
        return None
    name = chosen.choice(tags)
    return ForeignChange("tag changed", changed(resource, "tags", name, to="theirs"), resource.id, f"tags.{name}")


def _tagged(resource: Resource, chosen: Random, planned: Planned) -> ForeignChange | None:
    if not resource.desired.get("tags") or resource.key in planned.keep_tags:
        return None
    name = f"theirs{chosen.randrange(1000)}"
    return ForeignChange("tag added", changed(resource, "tags", name, to="x"), resource.id, f"tags.{name}")


def _resized(resource: Resource, _chosen: Random, _planned: Planned) -> ForeignChange | None:
    size = SKUS.get(resource.type.lower())
    if size is None:
        return None
    return ForeignChange("SKU", changed(resource, "sku", "name", to=size), resource.id, "sku.name")


def _switched(resource: Resource, chosen: Random, planned: Planned) -> ForeignChange | None:
    properties = as_object(resource.desired.get("properties"))
    own = [name for name, value in planned.switches.get(resource.key, {}).items() if properties.get(name) is value]
    if not own:
        return None
    name = chosen.choice(own)
    other = changed(resource, "properties", name, to=not properties[name])
    return ForeignChange("property", other, resource.id, f"properties.{name}")


def can_be_touched(resource: Resource, planned: Planned) -> bool:
    """Whether there is a kind of change that touches a plan with this resource."""
    kinds = (_deleted, _retagged, _resized, _switched)
    return any(kind(resource, Random(0), planned) for kind in kinds)  # noqa: S311  reproducible, not secret


# -- changes that do not ----------------------------------------------------------------------------------------------


def beside(resource: Resource, chosen: Random, planned: Planned) -> ForeignChange:
    """A change that no deployment of the plan takes back, or that is not of its resources."""
    if resource.key in planned.keep_tags:
        return ForeignChange(KEPT_TAG, changed(resource, "tags", "theirs", to="x"), resource.id)
    return chosen.choice(BESIDE)(resource, chosen)


def _property(resource: Resource, chosen: Random) -> ForeignChange:
    other = changed(resource, "properties", f"theirs{chosen.randrange(1000)}", to=chosen.randrange(1000))
    return ForeignChange("property that no template sets", other, resource.id)


def _value_of_provider(resource: Resource, chosen: Random) -> ForeignChange:
    computed = {**resource.computed, "etag": str(UUID(int=chosen.getrandbits(128)))}
    properties = {**as_object(computed.get("properties")), "resourceGuid": "1", "changedTime": "2027-01-01T00:00:00Z"}
    return ForeignChange("etag", replace(resource, computed={**computed, "properties": properties}), resource.id)


def _time_stamps(resource: Resource, chosen: Random) -> ForeignChange:
    later = resource.changed + chosen.randrange(10**6)
    return ForeignChange("time stamps", replace(resource, created=later, changed=later), resource.id)


def _resource(resource: Resource, chosen: Random) -> ForeignChange:
    scope = resource.id.partition("/providers/")[0]
    return _new(resource, f"{scope}/providers/Microsoft.Storage/storageAccounts/theirs{chosen.randrange(1000)}")


def _resource_elsewhere(resource: Resource, chosen: Random) -> ForeignChange:
    subscription = resource.id.lower().partition("/resourcegroups/")[0]
    scope = f"{subscription}/resourceGroups/rg-theirs-{chosen.randrange(1000)}"
    return _new(resource, f"{scope}/providers/Microsoft.Network/virtualNetworks/vnet-theirs")


def _extension(kind: str) -> Callable[[Resource, Random], ForeignChange]:
    def added(resource: Resource, chosen: Random) -> ForeignChange:
        return _new(resource, f"{resource.id}/providers/{kind}/{UUID(int=chosen.getrandbits(128))}")

    return added


def _new(resource: Resource, resource_id: str) -> ForeignChange:
    parsed = parse_id(resource_id)
    assert parsed is not None
    body: JsonObject = {"location": "westeurope", "properties": {"theirs": True}}
    other = replace(resource, id=resource_id, type=parsed.type, name=parsed.names[-1], desired=body, computed={})
    return ForeignChange(parsed.type, other, resource_id)


BESIDE: tuple[Callable[[Resource, Random], ForeignChange], ...] = (
    _property,
    _value_of_provider,
    _time_stamps,
    _resource,
    _resource_elsewhere,
    _extension("Microsoft.Authorization/roleAssignments"),
    _extension("Microsoft.Authorization/locks"),
    _extension("Microsoft.Authorization/policyAssignments"),
    _extension("Microsoft.Insights/diagnosticSettings"),
)


def kinds_of(found: Iterable[ForeignChange]) -> set[str]:
    """The kinds of some changes."""
    return {one.kind for one in found}
