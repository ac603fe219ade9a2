"""Deny assignments: those of a landing zone, a managed application or a deployment stack that concern the account.

Sources: azure-docs, role-based-access-control/deny-assignments.md (they overrule roles; the zero GUID is every principal;
`doNotApplyToChildScopes`); REST API Deny Assignments - List For Scope (at, above and below the scope);
microsoft-graph-docs, api/directoryobject-getmemberobjects.md (groups of an account, nested ones included).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from installer.cloud.errors import AzureRefused
from installer.cloud.rest import signed_in
from installer.json_access import as_list, as_object, as_text, member, objects_of
from installer.preflight.directory_reads import groups_of
from installer.preflight.model import Finding, NotChecked, WayOut
from installer.preflight.reads import NotVisible
from installer.preflight.rights.permissions import HERE, allows, denials, listed, role_assignments
from installer.resource_id import contains

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.jsontypes import Json
    from installer.preflight.rights.needs import Need
    from installer.preflight.subject import Subject

_EVERYONE: Final = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True)
class Denial:
    """A deny assignment that concerns the account."""

    name: str
    scope: str
    entries: tuple[dict[str, Json], ...]
    only_here: bool

    def denies(self, need: Need) -> bool:
        """Whether it denies an action at the place of a need."""
        same = need.place.lower() == self.scope.lower()
        reaches = same if self.only_here else contains(self.scope, need.place)
        return reaches and any(allows(entry, need.action) for entry in self.entries)


def denials_of(subject: Subject, subscriptions: list[str]) -> Iterator[Denial | NotChecked]:
    """Deny assignments in the subscriptions and above them that concern the account."""
    principals: set[str] | None = None
    asked = False
    for one in subscriptions:
        try:
            found = subject.arm.every(denials(one))
            principals = _principals(subject) if principals is None else principals
        except NotVisible as unseen:
            yield NotChecked(unseen.what, unseen.why)
            continue
        for raw in found:
            if _of_groups(raw, principals) and not asked:
                asked = True
                try:
                    principals |= _groups(subject)
                except NotVisible as unseen:
                    yield NotChecked(
                        f"whether deny assignments of groups concern this account: {unseen.what}", unseen.why
                    )
            denial = _denial(raw, principals)
            if denial is not None:
                yield denial


def _principals(subject: Subject) -> set[str]:
    """Object IDs of the account and of those of its groups that have roles."""
    who = _account(subject)
    found = {who.lower()} if who else set()
    for one in subject.subscriptions if who else ():
        mine = subject.arm.every(role_assignments(one, who))
        found |= {as_text(member(each, "properties", "principalId")).lower() for each in mine}
    return found


def _groups(subject: Subject) -> set[str]:
    """Object IDs of all groups of the account; Microsoft Graph is asked only if a deny assignment names an unknown group."""
    who = _account(subject)
    answer = subject.graph.ask(groups_of(who)) if who else {}
    return {as_text(one).lower() for one in as_list(answer.get("value"))}


def _account(subject: Subject) -> str:
    try:
        return signed_in(subject.target)
    except AzureRefused as refused:
        raise NotVisible("deny assignments", str(refused).splitlines()[0]) from refused


def _of_groups(raw: dict[str, Json], principals: set[str]) -> bool:
    """Whether membership in a group that is not known decides about a deny assignment."""
    named = [
        as_text(member(one, "id")).lower()
        for kind in ("principals", "excludePrincipals")
        for one in objects_of(member(raw, "properties", kind))
        if as_text(one.get("type")).lower() in ("group", "")
    ]
    return any(one not in principals | {_EVERYONE} for one in named)


def _denial(raw: dict[str, Json], principals: set[str]) -> Denial | None:
    """A deny assignment, None if it excludes the account or concerns others only."""
    properties = as_object(raw.get("properties"))
    concerned = _ids(properties, "principals") & (principals | {_EVERYONE})
    if not concerned or _ids(properties, "excludePrincipals") & principals:
        return None
    name = as_text(properties.get("denyAssignmentName")) or as_text(raw.get("name"))
    scope = as_text(properties.get("scope")) or as_text(raw.get("id")).rpartition(f"/{HERE}")[0]
    entries = tuple(objects_of(properties.get("permissions")))
    return Denial(name, scope, entries, properties.get("doNotApplyToChildScopes") is True)


def denied(needs: list[tuple[Need, Denial]]) -> Iterator[Finding]:
    """One finding for each deny assignment."""
    by_denial: dict[str, list[Need]] = defaultdict(list)
    named: dict[str, Denial] = {}
    for need, one in needs:
        key = f"{one.scope}|{one.name}".lower()
        named[key] = one
        by_denial[key].append(need)
    for key, denial in named.items():
        yield Finding(
            "blocks",
            f"the deny assignment {denial.name} forbids to {listed(by_denial[key])}",
            denial.scope or "/",
            "a deny assignment overrules every role, also that of an owner",
            (
                WayOut(f"ask the owner of {denial.name} to exclude this account from it"),
                WayOut("use another subscription, or another prefix if it is at a resource group"),
            ),
            "DenyAssignmentAuthorizationFailed",
        )


def _ids(properties: dict[str, Json], name: str) -> set[str]:
    return {as_text(member(one, "id")).lower() for one in as_list(properties.get(name))}
