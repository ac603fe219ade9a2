"""A switch to a restored PostgreSQL server: the answer that names it, and the servers that are kept beside the one in use.

The name of a server is an answer (governance.names), so that later plans and checks of drift know the new one. The templates deploy
the restored server as they would a new one: it gets locks, alert rules and diagnostic settings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from installer.errors import UsageError
from installer.estate.parameters.data import server_ids, server_of
from installer.estate.parameters.resource_ids import endpoints
from installer.invocation import command as typed
from installer.json_access import as_object, as_text, member
from installer.operations.recovery.database_server import SERVERS, VERSION, server_id
from installer.operations.recovery.restore_model import ENDPOINTS
from installer.operations.removal.existing import LOCKS_VERSION
from installer.operations.removal.model import Item
from installer.preflight.model import Finding, NotChecked, WayOut, blocking, sorted_out
from installer.preflight.reads import listing
from installer.preflight.rights.check import judged
from installer.preflight.rights.needs import Need
from installer.preflight.subscription_reads import locks
from installer.resource_id import contains, extended_id_of, group_of, name_of, subscription_of
from installer.steps.restored_servers import POINT_TAG, is_restore_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.estate.parameters.context import Installation
    from installer.jsontypes import Json
    from installer.preflight.model import Entry
    from installer.preflight.subject import Subject

_WHY: Final = "delete a database server that is no longer in use"


@dataclass(frozen=True)
class KeptServer:
    """A server beside the one in use: restored from it, or the one that it was restored from.

    Attributes:
        id: Its resource ID.
        point: The restore point, "" for a server that is no restore of the one in use.

    """

    id: str
    point: str

    @property
    def name(self) -> str:
        """Its name."""
        return name_of(self.id)


def kept_servers(subject: Subject, environment: str) -> tuple[KeptServer, ...]:
    """The servers beside that of an environment, the newest restore first. Queries Azure. Raises NotVisible, UsageError."""
    used = server_id(subject.it, environment)
    group, name = used.partition("/providers/")[0], name_of(used)
    path = f"{group}/providers/{SERVERS}?api-version={VERSION}"
    found = {
        as_text(one.get("name")): one
        for one in subject.arm.every(listing(path, f"the PostgreSQL servers of {name_of(group)}"))
    }
    mine = found.pop(name, {})
    kept = [
        KeptServer(f"{group}/providers/{SERVERS}/{other}", as_text(as_object(one.get("tags")).get(POINT_TAG)))
        if is_restore_of(one, name)
        else KeptServer(f"{group}/providers/{SERVERS}/{other}", "")
        for other, one in found.items()
        if is_restore_of(one, name) or is_restore_of(mine, other)
    ]
    return tuple(sorted(kept, key=lambda one: one.point, reverse=True))


def chosen_server(subject: Subject, environment: str, name: str) -> KeptServer:
    """The server with a name, or without one the newest restore. Queries Azure. Raises UsageError if there is none."""
    kept = kept_servers(subject, environment)
    wanted = [one for one in kept if one.name == name] if name else [one for one in kept if one.point]
    if wanted:
        return wanted[0]
    used = name_of(server_id(subject.it, environment))
    known = ", ".join(one.name for one in kept)
    if not known:
        again = typed(f"restore postgres --env {environment}")
        raise UsageError(f"no server was restored from {used} and kept: {again} restores one")
    raise UsageError(f"{name or 'a restore'}: not a server beside {used}, which is in use; those are: {known}")


def named_server(it: Installation, environment: str, name: str) -> str:
    """The answer governance.names, as a user would type it, with which an environment uses the server of this name."""
    site = it.site(environment)
    key = f"own_postgres.{environment}" if site.own_server else "postgres"
    others = [one for one in it.answers.governance.names if one.partition("=")[0] != key]
    governance = it.answers.governance.model_copy(update={"names": others})
    plain = type(it)(it.answers.model_copy(update={"governance": governance}))
    return ", ".join(others if plain.postgres(plain.site(environment)) == name else [*others, f"{key}={name}"])


def interrupts(it: Installation, environment: str, name: str) -> tuple[str, ...]:
    """Sentences about what is interrupted, and what is lost."""
    used = name_of(server_of(it, it.site(environment)))
    shared = [site.name for site in it.sites if server_of(it, site) == server_of(it, it.site(environment))]
    return (
        "work pools are paused first, and flow runs that are under way end; then Prefect, workers and the web app start again",
        f"what {', '.join(shared)} wrote to {used} after the restore point is not in {name}: it stays in {used} only",
        "Prefect continues as of the restore point: flow runs that were scheduled then and have ended since start again, late",
    )


def way_back(it: Installation, environment: str) -> tuple[str, ...]:
    """Sentences about the way back."""
    used = name_of(server_of(it, it.site(environment)))
    back = typed(f"restore postgres --env {environment} --switch --to {used}")
    gone = typed(f"restore postgres --env {environment} --remove {used}")
    return (f"{used} keeps running, unchanged: {back}", f"it costs until it is deleted: {gone}")


@dataclass(frozen=True)
class ServerRemoval:
    """The deletion of a server that is not in use.

    Attributes:
        server: The server.
        used: Name of the server in use.
        items: Its lock, its private endpoint and itself, in the order in which they are deleted.
        findings: What is in the way.
        not_checked: What could not be read.

    """

    server: KeptServer
    used: str
    items: tuple[Item, ...]
    findings: tuple[Finding, ...] = ()
    not_checked: tuple[NotChecked, ...] = ()

    @property
    def blocks(self) -> bool:
        """Whether something is in the way."""
        return blocking(self.findings)

    def as_json(self) -> dict[str, Json]:
        """The plan in JSON."""
        return {
            "server": self.server.id,
            "inUse": self.used,
            "deletes": [one.id for one in self.items],
            "findings": [one.as_json() for one in self.findings],
            "notChecked": [one.sentence for one in self.not_checked],
        }


def removal_of(subject: Subject, environment: str, name: str) -> ServerRemoval:
    """The plan to delete a server that is not in use. Queries Azure; read-only. Raises UsageError for any other server."""
    it = subject.it
    if name in {name_of(one) for one in server_ids(it)}:
        raise UsageError(f"{name} is in use: switch to another server first")
    server = chosen_server(subject, environment, name)
    site = it.site(environment)
    home = environment if site.own_server else "hub"
    found: list[Item] = []
    if not it.public and it.answers.data.postgres_network == "endpoint":
        for each in endpoints(it, home, server.id, "postgresqlServer", it.names.answers_at.zone("postgres")):
            one = as_object(each)
            group = (
                f"/subscriptions/{as_text(one['subscriptionId'])}/resourceGroups/{as_text(one['resourceGroupName'])}"
            )
            where = f"{group}/providers/{ENDPOINTS}/{as_text(one['name'])}"
            found.append(Item(where, ENDPOINTS, "2025-05-01"))
    found.append(Item(server.id, SERVERS, VERSION))
    own: list[Item] = []
    entries: list[Entry] = []
    for subscription in dict.fromkeys(subscription_of(one.id) for one in found):
        for lock in subject.arm.every(locks(subscription)):
            where = as_text(lock.get("id"))
            scope = extended_id_of(where)
            if not any(contains(scope, one.id) for one in found):
                continue
            if name_of(where) == it.names.lock and scope.lower() == server.id.lower():
                own.append(Item(where, "Microsoft.Authorization/locks", LOCKS_VERSION))
            else:
                entries.append(_locked(where, scope, as_text(member(lock, "properties", "level"))))
    items = (*own, *found)
    entries += judged(subject, [_need(one) for one in items])
    return ServerRemoval(server, name_of(server_id(it, environment)), items, *sorted_out(entries))


def _locked(lock: str, scope: str, level: str) -> Finding:
    text = f"the lock {name_of(lock)} ({level}) protects {name_of(scope)}"
    way = WayOut(
        f"remove it for this time: az lock delete --ids {lock}; a run of the same answers sets FlowForge's again"
    )
    return Finding("blocks", text, scope, "Azure refuses to delete the server", (way,), "ScopeLocked")


def _need(item: Item) -> Need:
    scope = f"/subscriptions/{subscription_of(item.id)}/resourceGroups/{group_of(item.id)}"
    return Need(f"{item.type}/delete", scope, _WHY, place=scope, target=item.id)


def removal_lines(plan: ServerRemoval) -> Iterator[str]:
    """The plan as lines of text."""
    yield f"Deletes {plan.server.name} with its data; {plan.used} is in use and is not changed"
    yield from (f"  {one.shown}" for one in plan.items)
    yield from (f"not checked: {one.sentence}" for one in plan.not_checked)
