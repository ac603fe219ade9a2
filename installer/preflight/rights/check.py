"""Check: the account may do everything that the plan needs, at every scope."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from installer.cloud.errors import AzureRefused
from installer.cloud.rest import kind_of_account, signed_in
from installer.conventions.counts import counted
from installer.json_access import as_text
from installer.preflight.model import Check, Finding, NotChecked, Proof, WayOut
from installer.preflight.reads import NotVisible
from installer.preflight.rights.denials import denials_of, denied
from installer.preflight.rights.needs import CALLER, Need, needs_of
from installer.preflight.rights.permissions import denials, held, listed, permissions, role_assignments
from installer.preflight.rights.principals import through_unknown_groups
from installer.preflight.rights.roles_to_ask import role_names, ways_to_rights
from installer.preflight.subscription_reads import groups
from installer.resource_id import subscription_of
from installer.role_permissions import DenyAssignment, allows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from installer.preflight.model import Entry
    from installer.preflight.subject import Subject

_MAX_REASONS: Final = 4


def _entries(subject: Subject) -> Iterator[Entry]:
    _send_ahead(subject)
    yield from judged(subject, [need for need in _needs(subject) if not need.checks_only])


def judged(subject: Subject, needs: Sequence[Need]) -> Iterator[Entry]:
    """Findings for the actions that the account may not do, and the proof for the others."""
    scopes = list(dict.fromkeys(need.scope for need in needs))
    subscriptions = list(dict.fromkeys(map(subscription_of, scopes)))
    subject.arm.ahead(permissions(scope) for scope in scopes)
    subject.arm.ahead(denials(one) for one in subscriptions)
    known = list(denials_of(subject, subscriptions))
    yield from (one for one in known if isinstance(one, NotChecked))
    refusing = [one for one in known if isinstance(one, DenyAssignment)]
    forbidden: list[tuple[Need, DenyAssignment]] = []
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
        through_groups = through_unknown_groups(subject, scope, missing) if missing else {}
        yield from dict.fromkeys(through_groups.values())
        unknown += through_groups
        missing = [need for need in missing if need not in through_groups]
        forbidden += [(need, one) for need in wanted if need not in missing for one in refusing]
        by_condition = [need for need in missing if any(allows(entry, need.action) for entry in entries)]
        if by_condition:
            yield _conditional(subject, scope, by_condition)
        if without := [need for need in missing if need not in by_condition]:
            yield from _missing(subject, scope, without)
        if conditional := [need for need in unknown if need not in through_groups]:
            yield NotChecked(listed(conditional), f"the role at {scope} has a condition that is not understood")
        proved += len(
            {(need.action, need.attributes) for need in wanted} - {(n.action, n.attributes) for n in missing + unknown}
        )
    yield from denied(forbidden)
    if proved:
        yield Proof(f"{counted(proved, 'action')} at {counted(len(scopes), 'scope')}")


def _send_ahead(subject: Subject) -> None:
    """Send the requests of a first installation, whose groups do not exist yet, at once."""
    scopes = dict.fromkeys(need.scope for need in needs_of(subject.answers) if not need.checks_only)
    subscriptions = list(dict.fromkeys(map(subscription_of, scopes)))
    subject.arm.ahead(map(groups, subject.subscriptions))
    subject.arm.ahead(map(permissions, scopes))
    subject.arm.ahead(map(denials, subscriptions))
    with suppress(AzureRefused):  # the check of the sign-in names what is wrong
        who = signed_in(subject.target)
        subject.arm.ahead(role_assignments(one, who) for one in subject.subscriptions if who)


def _needs(subject: Subject) -> Iterator[Need]:
    """Needs of the plan, at groups of the installation that exist already instead of their subscription."""
    existing = set(_existing_groups(subject))
    kind = ""
    for need in needs_of(subject.answers):
        attributes = dict(need.attributes)
        if attributes.get("principaltype") == CALLER:
            kind = kind or _kind(subject)
            attributes["principaltype"] = kind
        scope = need.place if need.place.lower() in existing else need.scope
        yield replace(need, scope=scope, attributes=tuple(attributes.items()))


def _existing_groups(subject: Subject) -> Iterator[str]:
    for one in subject.subscriptions:
        try:
            found = subject.arm.every(groups(one))
        except NotVisible:
            continue  # the check of subscriptions names it; rights are then judged at the subscription
        yield from (as_text(group.get("id")).lower() for group in found)


def _kind(subject: Subject) -> str:
    try:
        return kind_of_account(subject.target)
    except AzureRefused:
        return "User"  # the check of the sign-in names what is wrong


def _missing(subject: Subject, scope: str, missing: list[Need]) -> Iterator[Entry]:
    """Actions that no role of the account allows at a scope."""
    reasons = ", ".join([*dict.fromkeys(need.why for need in missing)][:_MAX_REASONS])
    found = list(ways_to_rights(subject, scope, missing))
    yield from (one for one in found if isinstance(one, NotChecked))
    yield Finding(
        "blocks",
        f"this account may not {listed(missing)}",
        scope,
        f"the installation needs it to {reasons}",
        tuple(one for one in found if isinstance(one, WayOut)),
        "AuthorizationFailed",
    )


def _conditional(subject: Subject, scope: str, refused: list[Need]) -> Finding:
    """Role assignments that only the condition of a role excludes, such as that of a delegated administrator."""
    names = role_names(subject)
    roles = dict.fromkeys(dict(need.attributes).get("roledefinitionid", "").lower() for need in refused)
    wanted = ", ".join(f"{names.get(one, 'a custom role')} ({one})" for one in roles if one)
    kinds = ", ".join(dict.fromkeys(kind for need in refused if (kind := dict(need.attributes).get("principaltype"))))
    return Finding(
        "blocks",
        f"the condition of its role lets this account not assign {wanted or listed(refused)}",
        scope,
        "the identities of the platform get these roles",
        (
            WayOut(
                f"ask for a condition that allows these roles for principals of the type {kinds or 'ServicePrincipal'}"
            ),
            WayOut(f"ask for the role Role Based Access Control Administrator without a condition at {scope}"),
        ),
        "AuthorizationFailed",
    )


RIGHTS: Final = Check("rights", "Rights", _entries)
