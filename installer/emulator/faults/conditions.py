"""Lasting faults as conditions of the subscription, which reads show before the first write.

A fault lasts if it occurs at every match: not a transient one, and not one with a count or a probability. Its condition is
added to the survey (quotas, SKUs, regions) or to the state (policy, lock, groups), so that Azure's own reads show it: usages,
SKUs, capabilities, providers, assignments, locks, groups. Rights and names are asked by resource (`missing_rights`, `taken`).
A fault at the name of one resource shows only where a read names resources.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from installer.emulator.faults.offers import open_region
from installer.emulator.faults.requested import lasting, strikes
from installer.emulator.governance.locks import LOCK_TYPE
from installer.emulator.state.resources import Resource
from installer.policy.assignments import ASSIGNMENTS
from installer.policy.book import DEFINITIONS
from installer.resource_id import GROUP_TYPE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from installer.emulator.faults.requested import Fault
    from installer.emulator.state.database import Database
    from installer.emulator.state.resources import Resources
    from installer.json_access import JsonObject
    from installer.jsontypes import Json

_NAMES: Final = frozenset(
    {
        "StorageAccountAlreadyTaken",
        "StorageAccountInAnotherResourceGroup",
        "VaultAlreadyExists",
        "ConflictError",
        "ServerNameAlreadyExists",
    }
)
"""A name that is taken, in whichever way, is not available. Source: REST API checkNameAvailability (reason AlreadyExists)."""
_STATE: Final = frozenset(
    {
        "RequestDisallowedByPolicy",
        "ScopeLocked",
        "InvalidResourceGroupLocation",
        "ResourceGroupBeingDeleted",
        "DeploymentQuotaExceeded",
    }
)
_NAME: Final = "rehearsal-fault"
MAX_DEPLOYMENTS: Final = 800
"""Source: azure-docs, azure-resource-manager/templates/deployment-history-deletions.md."""
_REMEMBERED: Final = "fault-conditions"


def full_history(faults: Iterable[Fault], scope: str) -> list[Json]:
    """Deployments that fill the history of a scope, where a lock keeps Azure from deleting the oldest."""
    if not any(lasting(faults, "DeploymentQuotaExceeded")):
        return []
    kind = "Microsoft.Resources/deployments"
    names = [f"old-{number}" for number in range(MAX_DEPLOYMENTS)]
    return [{"id": f"{scope}/providers/{kind}/{name}", "name": name, "type": kind} for name in names]


def bound_elsewhere(faults: Iterable[Fault], identifier: str, cloud: str) -> JsonObject | None:
    """A failed deployment of an earlier attempt that binds its name to another region."""
    name = identifier.rpartition("/")[2]
    for fault in lasting(faults, "InvalidDeploymentLocation"):
        if strikes(fault, name, "", identifier):
            body: JsonObject = {"provisioningState": "Failed", "mode": "Incremental"}
            kind = "Microsoft.Resources/deployments"
            return {"id": identifier, "name": name, "type": kind, "location": open_region(cloud), "properties": body}
    return None


def missing_rights(faults: Iterable[Fault]) -> list[str]:
    """Actions that the account lacks, as exceptions of its roles."""
    found = [
        "Microsoft.Network/virtualNetworks/subnets/join/action" for _ in lasting(faults, "LinkedAuthorizationFailed")
    ]
    for fault in lasting(faults, "AuthorizationFailed"):
        types = [one for one in fault.at if "." in one.partition("/")[0] and not one.startswith("/")]
        found += [f"{one}/write" for one in types] if fault.at else ["*/write"]
    return found


def taken(faults: Iterable[Fault], resource: Resource) -> Fault | None:
    """The lasting fault by which the name of a new resource is taken."""
    found = lasting(faults, *_NAMES)
    return next(
        (one for one in found if strikes(one, resource.type, resource.location, resource.name, resource.id)), None
    )


def held(fault: Fault) -> bool:
    """Whether the condition of a fault is in the state, which then refuses without the fault."""
    if fault.kind.name == "DeploymentQuotaExceeded" or not any(lasting([fault], *_STATE)):
        return False
    return fault.kind.name in ("RequestDisallowedByPolicy", "ScopeLocked") or bool(_named(fault))


def keep(
    database: Database,
    resources: Resources,
    faults: Iterable[Fault],
    subscriptions: list[str],
    *,
    cloud: str,
    moment: float,
) -> None:
    """Hold the conditions of lasting faults in the state, and remove those of faults that are gone."""
    wanted = {
        one.id: one
        for fault in lasting(faults, *_STATE)
        for subscription in subscriptions
        for one in _conditions(fault, f"/subscriptions/{subscription}", cloud, moment)
    }
    before: list[str] = json.loads(database.fact(_REMEMBERED) or "[]")
    with database.transaction():
        for gone in set(before) - set(wanted):
            resources.remove(gone)
        for identifier, one in wanted.items():
            if identifier not in before and resources.get(identifier) is None:
                resources.save(one)
        if before or wanted:
            database.remember(_REMEMBERED, json.dumps(sorted(wanted)))


def _named(fault: Fault) -> list[str]:
    """Names that a fault is injected at."""
    return [one for one in fault.at if "/" not in one and "*" not in one and "?" not in one]


def _conditions(fault: Fault, scope: str, cloud: str, moment: float) -> Iterator[Resource]:
    def made(kind: str, name: str, body: JsonObject, place: str = scope) -> Resource:
        where = f"{place}/resourceGroups/{name}" if kind == GROUP_TYPE else f"{place}/providers/{kind}/{name}"
        state = "Deleting" if fault.kind.name == "ResourceGroupBeingDeleted" else "Succeeded"
        return Resource(where, kind, name, "", state, moment, moment, desired=body)

    match fault.kind.name:
        case "RequestDisallowedByPolicy":
            definition = made(DEFINITIONS, _NAME, {"properties": _rule(fault)})
            properties: JsonObject = {"displayName": "Rehearsal policy", "policyDefinitionId": definition.id}
            yield definition
            yield made(ASSIGNMENTS, _NAME, {"properties": properties})
        case "ScopeLocked":
            groups = [f"{scope}/resourceGroups/{name}" for name in _named(fault)]
            for place in groups or [scope]:
                yield made(LOCK_TYPE, _NAME, {"properties": {"level": "ReadOnly"}}, place)
        case "DeploymentQuotaExceeded":
            yield made(LOCK_TYPE, f"{_NAME}-history", {"properties": {"level": "CanNotDelete"}})
        case _:
            place = open_region(cloud)
            for name in _named(fault):
                yield made(GROUP_TYPE, name, {"location": place})


def _rule(fault: Fault) -> JsonObject:
    """A definition that denies what a fault is injected at."""
    fields = ("type", "name", "location", "id")
    condition: JsonObject = {
        "anyOf": [{"field": name, "like": pattern} for pattern in fault.at or ("*",) for name in fields]
    }
    rule: JsonObject = {"if": condition, "then": {"effect": "deny"}}
    return {"displayName": "Rehearsal policy", "mode": "All", "policyRule": rule}
