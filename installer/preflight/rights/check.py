"""Check: the account may do everything that the plan needs, at every scope."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from installer.cloud.errors import AzureRefused
from installer.cloud.rest import signed_in
from installer.invocation import command
from installer.json_access import as_text, member, objects_of
from installer.preflight.model import Check, Finding, NotChecked, Proof, WayOut
from installer.preflight.reads import NotVisible
from installer.preflight.rights.needs import needs_of
from installer.preflight.rights.permissions import (
    allows,
    denial_of,
    denials,
    eligible_roles,
    held,
    permissions,
    role,
    role_assignments,
)
from installer.resource_id import subscription_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.jsontypes import Json
    from installer.preflight.model import Entry
    from installer.preflight.rights.needs import Need
    from installer.preflight.rights.permissions import Denial
    from installer.preflight.subject import Subject

_MAX_SHOWN: Final = 4


def _entries(subject: Subject) -> Iterator[Entry]:
    needs = [need for need in needs_of(subject.answers) if not need.checks_only]
    scopes = list(dict.fromkeys(need.scope for need in needs))
    subscriptions = list(dict.fromkeys(map(subscription_of, scopes)))
    subject.arm.ahead(permissions(scope) for scope in scopes)
    subject.arm.ahead(denials(one) for one in subscriptions)
    known = list(_known_denials(subject, subscriptions))
    yield from (one for one in known if isinstance(one, NotChecked))
    refusing = [one for one in known if not isinstance(one, NotChecked)]
    proved = 0
    for scope in scopes:
        wanted = [need for need in needs if need.scope == scope]
        try:
            entries = subject.arm.every(permissions(scope))
        except NotVisible as unseen:
            yield NotChecked(unseen.what, unseen.why)
            continue
        missing = [need for need in wanted if held(entries, need) == "no"]
        unknown = [need for need in wanted if held(entries, need) == "unknown"]
        denied = [(need, one) for need in wanted if need not in missing for one in refusing if one.denies(need)]
        if missing:
            yield _missing(subject, scope, missing)
        if unknown:
            yield NotChecked(_listed(unknown), f"the role at {scope} has a condition that is not understood")
        yield from _denied(scope, denied)
        proved += len(wanted) - len(missing) - len(unknown) - len(denied)
    if proved:
        yield Proof(f"{proved} actions at {len(scopes)} {'scopes' if len(scopes) > 1 else 'scope'}")


def _known_denials(subject: Subject, subscriptions: list[str]) -> Iterator[Denial | NotChecked]:
    """Deny assignments that concern the account."""
    try:
        principals = _principals(subject)
        for one in subscriptions:
            for raw in subject.arm.every(denials(one)):
                found = denial_of(raw, principals)
                if found is not None:
                    yield found
    except NotVisible as unseen:
        yield NotChecked(unseen.what, unseen.why)


def _principals(subject: Subject) -> set[str]:
    """Object IDs of the account and of its groups, those that its role assignments name."""
    try:
        who = signed_in(subject.target)
    except AzureRefused as refused:
        raise NotVisible("deny assignments", str(refused).splitlines()[0]) from refused
    found = {who.lower()} if who else set()
    for one in subject.subscriptions if who else ():
        mine = subject.arm.every(role_assignments(one, who))
        found |= {as_text(member(each, "properties", "principalId")).lower() for each in mine}
    return found


def _missing(subject: Subject, scope: str, missing: list[Need]) -> Finding:
    reasons = ", ".join(dict.fromkeys(need.why for need in missing[:_MAX_SHOWN]))
    return Finding(
        "blocks",
        f"this account may not {_listed(missing)}",
        scope,
        f"the installation needs it to {reasons}",
        (*_activations(subject, scope, missing), *_roles(missing)),
        "AuthorizationFailed",
    )


def _roles(missing: list[Need]) -> Iterator[WayOut]:
    """Roles to ask for; Contributor excludes what is in Microsoft.Authorization."""
    if all(need.action.lower().startswith("microsoft.authorization/") for need in missing):
        locks = any("/locks/" in need.action.lower() for need in missing)
        yield WayOut(
            "ask for the role User Access Administrator"
            if locks
            else "ask for the role Role Based Access Control Administrator"
        )
        if locks:
            yield WayOut("set no locks", (("governance.locks", "none"),))
    else:
        yield WayOut("ask for the role Owner")
    yield WayOut(f"or for a custom role of exactly these actions: {command('roles')} prints it")


def _activations(subject: Subject, scope: str, missing: list[Need]) -> Iterator[WayOut]:
    """Roles that the account may activate in Privileged Identity Management and that allow something that is missing."""
    request = eligible_roles(subscription_of(scope))
    try:
        found = subject.arm.every(request)
    except NotVisible:
        return
    for one in found:
        definition = as_text(member(one, "properties", "roleDefinitionId"))
        entries = _definition(subject, definition)
        place = as_text(member(one, "properties", "scope")).lower()
        here = not place or scope.lower() == place or scope.lower().startswith(f"{place}/")
        if here and any(allows(entry, need.action) for entry in entries for need in missing):
            name = as_text(member(one, "properties", "expandedProperties", "roleDefinition", "displayName"))
            yield WayOut(
                f"activate the role {name or definition} in Privileged Identity Management: the account is eligible for it, "
                "but it is not active"
            )


def _definition(subject: Subject, definition: str) -> list[dict[str, Json]]:
    try:
        found = subject.arm.find(role(definition))
    except NotVisible:
        return []
    return objects_of(member(found, "properties", "permissions"))


def _denied(scope: str, denied: list[tuple[Need, Denial]]) -> Iterator[Finding]:
    by_name: dict[str, list[Need]] = defaultdict(list)
    for need, one in denied:
        by_name[one.name].append(need)
    for name, needs in by_name.items():
        yield Finding(
            "blocks",
            f"the deny assignment {name} forbids to {_listed(needs)}",
            scope,
            "a deny assignment overrules every role, also that of an owner",
            (WayOut(f"ask the owner of {name} to exclude this account"), WayOut("use another subscription")),
            "DenyAssignmentAuthorizationFailed",
        )


def _listed(needs: list[Need]) -> str:
    actions = list(dict.fromkeys(need.action for need in needs))
    more = f" and {len(actions) - _MAX_SHOWN} more" if len(actions) > _MAX_SHOWN else ""
    return f"{', '.join(actions[:_MAX_SHOWN])}{more}"


RIGHTS: Final = Check("rights", "Rights", _entries)
