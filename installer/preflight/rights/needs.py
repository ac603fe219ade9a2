"""Actions that an installation needs, each at its scope: from the planned resources, what they refer to, and the steps. Pure."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from installer.estate.bodies import planned_bodies
from installer.estate.resources import estate, namespaces
from installer.json_access import as_object, as_text
from installer.linked_actions import linked
from installer.recent_results import RecentResults
from installer.resource_id import GROUP_TYPE, group_of, name_of, subscription_of
from installer.shipped_files import step_actions
from installer.steps.changed_answers import REMOVABLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.answers.model import Answers
    from installer.estate.bodies import PlannedBody

GROUP_ACTIONS: Final = "Microsoft.Resources/subscriptions/resourceGroups"
ROLE_ASSIGNMENTS: Final = "microsoft.authorization/roleassignments"
CALLER: Final = "the account itself"
"""Type of the principal of a role that the run assigns to the signed-in account."""
_ON_SUBSCRIPTION: Final = "microsoft.resources/subscriptions/"
_GROUP_OF_OTHERS: Final = "group of others"
ALWAYS_REGISTERED: Final = frozenset({"microsoft.authorization", "microsoft.consumption", "microsoft.resources"})
"""Providers that every subscription has: azure-docs, resource-providers-and-types.md (registered by default)."""


@dataclass(frozen=True)
class Need:
    """One action at one scope.

    Attributes:
        action: Name of the action, as roles spell it.
        scope: ID of a subscription, a resource group or a resource.
        why: What it is for.
        place: ID of the resource group in which it takes place, of the subscription for what is in no group.
        target: ID of what it is on, which may be below its place.
        attributes: Attributes of a role assignment by lower-case name, which the conditions of roles restrict.
        checks_only: Whether only a check uses it; without it, less is checked.

    """

    action: str
    scope: str
    why: str
    place: str = ""
    target: str = ""
    attributes: tuple[tuple[str, str], ...] = field(default=())
    checks_only: bool = False


_known: Final = RecentResults["tuple[Need, ...]"](16)


def needs_of(answers: Answers) -> tuple[Need, ...]:
    """Every action, once for each scope and purpose. The last results are kept."""
    return _known.of(answers.model_dump_json(), lambda: _needs(answers))


def _needs(answers: Answers) -> tuple[Need, ...]:
    bodies = tuple(planned_bodies(answers))
    new_groups = {body.id.lower() for body in bodies if body.type.lower() == GROUP_TYPE.lower()}
    found: dict[Need, None] = {}
    for body in bodies:
        for need in (*_own(body), *_linked(body)):
            found[_at_existing(need, new_groups)] = None
    for need in _of_steps(answers, bodies):
        found[_at_existing(need, new_groups)] = None
    return tuple(found)


def _own(body: PlannedBody) -> Iterator[Need]:
    """Reading and writing a planned resource."""
    kind = GROUP_ACTIONS if body.type.lower() == GROUP_TYPE.lower() else body.type
    attributes: tuple[tuple[str, str], ...] = ()
    if body.type.lower() == ROLE_ASSIGNMENTS:
        properties = as_object(body.body.get("properties"))
        attributes = (
            ("roledefinitionid", name_of(as_text(properties.get("roleDefinitionId")))),
            ("principaltype", as_text(properties.get("principalType"))),
        )
    yield Need(f"{kind}/read", body.id, f"read {kind}")
    yield Need(f"{kind}/write", body.id, f"create {kind}", attributes=attributes)


def _linked(body: PlannedBody) -> Iterator[Need]:
    """Actions on the resources that a planned resource refers to."""
    for one in linked(body.type, body.id, body.body):
        yield Need(one.action, one.id, f"connect {body.type} to {one.type}")


def _of_steps(answers: Answers, bodies: tuple[PlannedBody, ...]) -> Iterator[Need]:
    """Actions of the steps beside the deployments, and the registration of providers."""
    own = {body.id.lower() for body in bodies if body.type.lower() == GROUP_TYPE.lower()}
    subscriptions = dict.fromkeys(subscription_of(body.id) for body in bodies if not _of_others(body.id, own))
    theirs = dict.fromkeys(_group(body.id) for body in bodies if _of_others(body.id, own))
    by_type: dict[str, list[str]] = {}
    spelling = {body.type.lower(): body.type for body in bodies}
    for body in bodies:
        by_type.setdefault(body.type.lower(), []).append(body.id)
    for entry in tomllib.loads(step_actions())["action"]:
        on = entry["on"].lower()
        scopes = [f"/subscriptions/{one}" for one in subscriptions] if on == "subscription" else by_type.get(on, [])
        scopes = [*theirs] if on == _GROUP_OF_OTHERS else scopes
        attributes = (("roledefinitionid", entry["role"]), ("principaltype", CALLER)) if "role" in entry else ()
        only = entry.get("checks_only", False)
        yield from (
            Need(
                entry["name"],
                scope,
                entry["why"],
                target=_in_subscription(entry["name"], scope) if on == "subscription" else "",
                attributes=attributes,
                checks_only=only,
            )
            for scope in scopes
        )
    for kind, ids in by_type.items():
        if kind in REMOVABLE:
            yield from (Need(f"{spelling[kind]}/delete", one, "remove what is no longer wanted") for one in ids)
    for namespace in namespaces(estate(answers)):
        if namespace.lower() in ALWAYS_REGISTERED:
            continue
        for one in subscriptions:
            yield Need(f"{namespace}/register/action", f"/subscriptions/{one}", "register resource providers")


def _in_subscription(action: str, subscription: str) -> str:
    """Target of an action that is in no group: the subscription, or a resource at it, such as a deployment."""
    return (
        subscription
        if action.lower().startswith(_ON_SUBSCRIPTION)
        else f"{subscription}/providers/{action.partition('/')[0]}"
    )


def _group(resource_id: str) -> str:
    return f"/subscriptions/{subscription_of(resource_id)}/resourceGroups/{group_of(resource_id)}"


def _of_others(resource_id: str, own: set[str]) -> bool:
    """Whether a planned resource is in a group that the installation does not create."""
    return bool(group_of(resource_id)) and _group(resource_id).lower() not in own


def _at_existing(need: Need, new_groups: set[str]) -> Need:
    """The need at the innermost scope that is known to exist: permissions of new groups are those of their subscription."""
    subscription, group = f"/subscriptions/{subscription_of(need.scope)}", group_of(need.scope)
    where = f"{subscription}/resourceGroups/{group}" if group else subscription
    scope = subscription if where.lower() in new_groups else where
    return replace(need, scope=scope, place=where, target=need.target or need.scope)
