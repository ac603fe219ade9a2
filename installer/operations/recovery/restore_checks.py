"""Checks before a restore: its time, its name, locks, cores and rights; and servers that earlier proofs have left. Queries Azure; read-only."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from installer.cloud.survey.offers import NAME_CHECKS
from installer.conventions.counts import counted
from installer.json_access import as_object, as_text, member
from installer.linked_actions import linked
from installer.operations.recovery.database_server import SERVERS, VERSION
from installer.operations.recovery.restore_model import ENDPOINTS, instant
from installer.preflight.commands import in_subscription
from installer.preflight.model import Finding, NotChecked, WayOut
from installer.preflight.moments import shown_moment
from installer.preflight.offer_facts import CORES, free_of, names_of, postgres_sizes, usage_of, whole
from installer.preflight.offer_reads import DATABASES, postgres_offer, usages
from installer.preflight.reads import NotVisible, listing, post, resource
from installer.preflight.rights.check import judged
from installer.preflight.rights.needs import Need
from installer.preflight.subscription_reads import locks
from installer.resource_id import contains, extended_id_of, group_of, name_of, subscription_of
from installer.steps.restored_servers import POINT_TAG, PROOF_TAG, SOURCE_TAG

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.operations.recovery.restore_model import RestorePlan
    from installer.preflight.model import Entry
    from installer.preflight.subject import Subject

_WHY: Final = "restore a database server beside the running one"


def needs_of(plan: RestorePlan) -> tuple[Need, ...]:
    """The actions that the restore sends, each at the group of what it is on."""
    found: dict[Need, None] = {}
    for one in (plan.server, *plan.settings, *plan.endpoints):
        found[_need(f"{one.type}/write", one.id)] = None
        for other in linked(one.type, one.id, one.body):
            found[_need(other.action, other.id)] = None
        if plan.proof and one.type in {SERVERS, ENDPOINTS}:
            found[_need(f"{one.type}/delete", one.id)] = None
    return tuple(found)


def _need(action: str, where: str) -> Need:
    scope = f"/subscriptions/{subscription_of(where)}/resourceGroups/{group_of(where)}"
    return Need(action, scope, _WHY, place=scope, target=where)


def entries_of(subject: Subject, plan: RestorePlan) -> Iterator[Entry]:
    """Findings, and facts that could not be read."""
    if not plan.earliest <= plan.at <= plan.latest:
        yield Finding(
            "blocks",
            f"{shown_moment(plan.at)} is no restore point of {plan.source.name}",
            plan.source.id,
            "Azure restores within the retention of the backups only",
            (WayOut(f"choose a time between {shown_moment(plan.earliest)} and {shown_moment(plan.latest)}"),),
            "InvalidParameterValue",
        )
    for part in (_name_entries, _left_entries, _lock_entries, _quota_entries):
        try:
            yield from part(subject, plan)
        except NotVisible as unseen:
            yield NotChecked(unseen.what, unseen.why)
    for entry in judged(subject, needs_of(plan)):
        yield replace(entry, why=f"the command needs it to {_WHY}") if isinstance(entry, Finding) else entry


def _name_entries(subject: Subject, plan: RestorePlan) -> Iterator[Entry]:
    """The name of the new server is free, or is that of the same restore."""
    found = subject.arm.find(resource(plan.server.path, f"the server {plan.name}"))
    tags = as_object(as_object(found).get("tags"))
    if found is not None and tags.get(POINT_TAG) == instant(plan.at) and tags.get(SOURCE_TAG) == plan.source.name:
        return
    namespace = SERVERS.partition("/")[0]
    path = f"/subscriptions/{subscription_of(plan.server.id)}/providers/{namespace}/checkNameAvailability"
    question = post(
        f"{path}?api-version={NAME_CHECKS[SERVERS]}",
        {"name": plan.name, "type": SERVERS},
        f"whether {plan.name} is free",
    )
    if found is not None or member(subject.arm.ask(question), "nameAvailable") is False:
        yield Finding(
            "blocks",
            f"the name {plan.name} is taken",
            plan.server.id,
            "names of PostgreSQL servers are unique in the whole cloud",
            (WayOut("choose another time with --at: the name contains it"),),
            "ServerNameAlreadyExists",
        )


def _left_entries(subject: Subject, plan: RestorePlan) -> Iterator[Entry]:
    """Servers of earlier proofs that were interrupted."""
    path = f"{plan.source.group}/providers/{SERVERS}?api-version={VERSION}"
    for one in subject.arm.every(listing(path, f"the PostgreSQL servers of {name_of(plan.source.group)}")):
        name, tags = as_text(one.get("name")), as_object(one.get("tags"))
        if PROOF_TAG in tags and name != plan.name and tags.get(SOURCE_TAG) == plan.source.name:
            command = f"az postgres flexible-server delete {in_subscription(plan.source.id)} -g {group_of(plan.source.id)} -n {name}"
            what = f"the server {name} of an earlier proof was not deleted"
            yield Finding("warns", what, as_text(one.get("id")), "it costs", (WayOut(command),))


def _quota_entries(subject: Subject, plan: RestorePlan) -> Iterator[Entry]:
    """Cores for a second server."""
    if subject.arm.find(resource(plan.server.path, f"the server {plan.name}")) is not None:
        return
    where, region = subscription_of(plan.server.id), plan.source.location
    what = f"cores for a second server {plan.source.size} in {region}"
    wanted = whole(
        postgres_sizes(subject.arm.every(postgres_offer(where, region))).get(plan.source.size, {}).get("vCores")
    )
    request = usages(DATABASES, where, region)
    usage = usage_of(subject.arm.every(request)).get(CORES.lower())
    free = free_of(usage) if usage is not None else None
    if not wanted or usage is None or free is None:
        yield NotChecked(what, "Azure does not list them")
    elif reason := subject.arm.assumed(request, *names_of(usage)):
        yield NotChecked(what, reason)
    elif wanted > free:
        more = whole(usage.get("currentValue")) + wanted
        yield Finding(
            "blocks",
            f"{counted(free, 'core')} of PostgreSQL are free in {region}, and a second server needs {wanted}",
            plan.source.group,
            "Azure refuses the new server",
            (
                WayOut(
                    f"ask for a higher limit: az quota update, or Quotas in the portal, {DATABASES}, {region}, new limit {more}"
                ),
            ),
            "QuotaExceeded",
        )


def _lock_entries(subject: Subject, plan: RestorePlan) -> Iterator[Entry]:
    """Locks at or above what is written: read-only ones in any case, and for a proof those that keep the server from being deleted."""
    for subscription in dict.fromkeys(subscription_of(one.id) for one in (plan.server, *plan.endpoints)):
        for lock in subject.arm.every(locks(subscription)):
            where = as_text(lock.get("id"))
            scope, level = extended_id_of(where), as_text(member(lock, "properties", "level")).lower()
            if not any(contains(scope, one.id) for one in (plan.server, *plan.endpoints)):
                continue
            if level == "readonly" or plan.proof:
                yield Finding(
                    "blocks",
                    f"the lock {name_of(where)} protects {name_of(scope)}",
                    scope,
                    "Azure refuses to delete the server after the proof"
                    if level != "readonly"
                    else "Azure refuses to write",
                    (WayOut(f"ask its owner to remove it: az lock delete --ids {where}"),),
                    "ScopeLocked",
                )
