"""Check: globally unique names are free, or are already those of this installation.

Source: checkNameAvailability of each service (reason AlreadyExists or Invalid), and Key Vault's list of deleted vaults.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.cloud.survey.offers import NAME_CHECKS
from installer.conventions.naming import NAME_RULES, NameRule, Names
from installer.immutable_properties import rules_of
from installer.json_access import as_object, as_text, member
from installer.preflight.commands import in_subscription
from installer.preflight.model import Check, Finding, NotChecked, Proof, WayOut
from installer.preflight.reads import NotVisible, listing, post
from installer.preflight.subscription_reads import existing_resources, resources
from installer.resource_id import group_of, subscription_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.estate.resources import Planned
    from installer.jsontypes import Json
    from installer.preflight.model import Entry
    from installer.preflight.reads import Request
    from installer.preflight.subject import Subject

_VAULT: Final = "microsoft.keyvault/vaults"
_TRIES: Final = 9
"""Numbers tried at the end of a name that is taken."""
_PREFIX: Final = WayOut("choose another prefix: it is part of every name")


def _deleted(subscription: str) -> Request:
    path = f"/subscriptions/{subscription}/providers/Microsoft.KeyVault/deletedVaults?api-version=2024-11-01"
    return listing(path, f"deleted vaults of subscription {subscription}")


def _question(subscription: str, kind: str, name: str) -> Request:
    """The request that checks a name."""
    namespace = kind.partition("/")[0]
    path = f"/subscriptions/{subscription}/providers/{namespace}/checkNameAvailability"
    return post(f"{path}?api-version={NAME_CHECKS[kind]}", {"name": name, "type": kind}, f"whether {name} is free")


def _entries(subject: Subject) -> Iterator[Entry]:
    checks = {kind.lower(): kind for kind in NAME_CHECKS}
    wanted = [(one, checks[one.type.lower()]) for one in subject.planned if one.type.lower() in checks]
    for subscription in subject.subscriptions:
        subject.arm.ahead([resources(subscription), _deleted(subscription)])
    subject.arm.ahead(_question(subscription_of(one.id), kind, one.name) for one, kind in wanted)
    own = {
        (as_text(found.get("type")).lower(), as_text(found.get("name")).lower()): as_text(found.get("id"))
        for found in existing_resources(subject).values()
    }
    free, existing = 0, 0
    for one, kind in wanted:
        there = own.get((one.type.lower(), one.name.lower()))
        if there is not None and there.lower() == one.id.lower():
            existing += 1
        elif there is not None:
            yield _taken(subject, one, kind, f"is a resource of yours in group {group_of(there)}")
        elif (deleted := _deleted_vault(subject, one)) is not None:
            yield from _deleted_entries(subject, one, kind, deleted)
        else:
            try:
                answer = subject.arm.ask(_question(subscription_of(one.id), kind, one.name))
            except NotVisible as unseen:
                yield NotChecked(unseen.what, unseen.why)
                continue
            if member(answer, "nameAvailable") is False:
                yield _taken(subject, one, kind, _said(answer))
            else:
                free += 1
    counts = {f"{free} names are free": free, f"{existing} are this installation's own": existing}
    if any(counts.values()):
        yield Proof(", ".join(text for text, number in counts.items() if number))


def _said(answer: dict[str, Json]) -> str:
    if as_text(answer.get("reason")) == "AlreadyExists":
        return "is taken by another customer of Azure"
    return f"is not accepted by Azure: {as_text(answer.get('message')) or as_text(answer.get('reason'))}"


def _deleted_vault(subject: Subject, one: Planned) -> dict[str, Json] | None:
    """The deleted vault that still holds a name in the subscription of the planned one."""
    if one.type.lower() != _VAULT:
        return None
    listed = subject.arm.every(_deleted(subscription_of(one.id)))
    return next((found for found in listed if as_text(found.get("name")).lower() == one.name.lower()), None)


def _deleted_entries(subject: Subject, one: Planned, kind: str, deleted: dict[str, Json]) -> Iterator[Entry]:
    facts = as_object(deleted.get("properties"))
    until = as_text(facts.get("scheduledPurgeDate"))
    if as_text(facts.get("vaultId")).lower() == one.id.lower():
        region, planned = as_text(facts.get("location")).lower(), _region(subject, one)
        if not region or not planned or region == planned:
            yield Finding(
                "warns",
                f"the key vault {one.name} was deleted and still exists",
                one.id,
                "the installation recovers it with the secrets in it",
                (WayOut("nothing to do, if these secrets are yours"), *_renamed(subject, one, kind)),
            )
            return
    purge = (
        ()
        if facts.get("purgeProtectionEnabled") is True
        else (WayOut(f"purge it: az keyvault purge {in_subscription(one.id)} -n {one.name}"),)
    )
    blocked = f"until {until}" if until else "until it is purged"
    yield Finding(
        "blocks",
        f"the name {one.name} belongs to a deleted key vault in {as_text(facts.get('location'))} {blocked}",
        one.id,
        "Azure creates no key vault with this name in the meantime",
        (*_renamed(subject, one, kind), *purge, _PREFIX),
        "VaultAlreadyExists",
    )


def _region(subject: Subject, one: Planned) -> str:
    return next((as_text(body.body.get("location")).lower() for body in subject.bodies if body.id == one.id), "")


def _taken(subject: Subject, one: Planned, kind: str, said: str) -> Finding:
    code = next((rule.code for rule in rules_of(one.type) if rule.change == "elsewhere"), "AlreadyExists")
    return Finding(
        "blocks",
        f"the name {one.name} ({one.type_title}) {said}",
        one.id,
        "Azure refuses this resource: the name has to be unique in the whole cloud",
        (*_renamed(subject, one, kind), _PREFIX),
        code,
    )


def _renamed(subject: Subject, one: Planned, kind: str) -> tuple[WayOut, ...]:
    """A free name of the same form, as an answer; none if the kind of the name is not known."""
    found = None if subject.tried else kind_of_name(subject.it.names, one.name)
    if found is None:
        return ()
    named, rule = found
    for number in range(2, 2 + _TRIES):
        name = f"{one.name[: rule.longest - len(str(number))]}{number}"
        try:
            answer = subject.arm.ask(_question(subscription_of(one.id), kind, name))
        except NotVisible:
            return ()
        if answer.get("nameAvailable") is True:
            kept = [entry for entry in subject.answers.governance.names if not entry.startswith(f"{named}=")]
            return (WayOut(f"use the name {name}, which is free", (("governance.names", [*kept, f"{named}={name}"]),)),)
    return ()


def kind_of_name(names: Names, name: str) -> tuple[str, NameRule] | None:
    """Kind of a name as the answer Resource names spells it, with its rule; None for a name that no answer sets."""
    for kind, rule in NAME_RULES.items():
        for where in rule.which if rule.each else ("",):
            found = getattr(names, kind)
            if (found(where) if rule.each else found) == name:
                return (f"{kind}.{where}" if where else kind), rule
    return None


NAMES: Final = Check("names", "Names", _entries)
