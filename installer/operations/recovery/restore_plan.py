"""Plans a restore of PostgreSQL to a point in time, on a new server beside the running one. Queries Azure; read-only.

Facts: MicrosoftDocs/azure-databases-docs, articles/postgresql/backup-restore/concepts-backup-restore.md. A restore always creates a
server, in the same region and with the same kind of network; firewall rules, private endpoints and changed server parameters
are not copied, so they are written again; transaction logs are saved with a delay of up to five minutes. The request is that of
azure-cli 2.91, postgresql/commands/custom_commands.py (flexible_server_restore): size and network of the source.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from installer.cloud.survey.offers import NAME_CHECKS
from installer.errors import UsageError
from installer.estate.parameters.resource_ids import endpoints, subnet_id
from installer.json_access import as_list, as_object, as_text, member
from installer.linked_actions import linked
from installer.operations.recovery.database_server import SERVERS, VERSION, read_server
from installer.operations.recovery.restore_model import RestorePlan, Write
from installer.preflight.commands import in_subscription
from installer.preflight.model import Finding, NotChecked, WayOut
from installer.preflight.moments import moment_of, shown_moment
from installer.preflight.offer_facts import CORES, free_of, names_of, postgres_sizes, usage_of, whole
from installer.preflight.offer_reads import DATABASES, postgres_offer, usages
from installer.preflight.reads import NotVisible, listing, post, resource
from installer.preflight.rights.check import judged
from installer.preflight.rights.needs import Need
from installer.preflight.subscription_reads import locks
from installer.resource_id import contains, extended_id_of, group_of, name_of, subscription_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.json_access import JsonObject
    from installer.jsontypes import Json
    from installer.operations.recovery.database_server import DatabaseServer
    from installer.preflight.model import Entry
    from installer.preflight.subject import Subject

DELAY_SECONDS: Final = 300.0
"""Delay with which transaction logs are saved: the latest restore point is that much before now."""
SOURCE_TAG: Final = "flowforge-restored-from"
POINT_TAG: Final = "flowforge-restore-point"
PROOF_TAG: Final = "flowforge-restore-proof"
_ENDPOINTS: Final = "Microsoft.Network/privateEndpoints"
_ZONE_GROUPS: Final = f"{_ENDPOINTS}/privateDnsZoneGroups"
_NETWORK_VERSION: Final = "2025-05-01"
_MAX_NAME: Final = 63
_WHY: Final = "restore a database server beside the running one"


def parse_time(text: str) -> float:
    """The time of the option --at, in seconds since the epoch. Raises UsageError."""
    if not (found := moment_of(text)):
        raise UsageError(f"--at {text}: write a time such as 2026-12-01T14:30:00Z; without a time zone it is UTC")
    return found


def instant(moment: float) -> str:
    """A moment as Azure accepts it, RFC 3339: github.com/hashicorp/terraform-provider-azurerm/issues/18082."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def target_name(source: str, at: float, *, proof: bool) -> str:
    """Name of the new server: the same for the same point in time, so that the same command continues."""
    end = f"-{'p' if proof else 'r'}{datetime.fromtimestamp(at, UTC).strftime('%y%m%d%H%M%S')}"
    return f"{source[: _MAX_NAME - len(end)]}{end}"


def restore_plan(subject: Subject, environment: str, at: float | None, *, proof: bool = False) -> RestorePlan:
    """The plan. Raises NotVisible if the running server cannot be read, UsageError for an unknown environment.

    Args:
        subject: The installation.
        environment: Its environment.
        at: The point in time; None for the latest one.
        proof: Whether the new server is deleted once it was compared.

    """
    source, now = read_server(subject.it, subject.arm, environment), subject.now()
    earliest = source.earliest(now)
    point = float(int(max(earliest + 1, now - DELAY_SECONDS) if at is None else at))
    name = target_name(source.name, point, proof=proof)
    server = _server(subject, source, name, point, environment, proof=proof)
    plan = RestorePlan(
        source,
        environment,
        point,
        earliest,
        now,
        server,
        tuple(_settings(source, server.id)),
        tuple(_endpoints(subject, source, server.id)),
        proof,
    )
    entries = list(dict.fromkeys(_entries(subject, plan)))
    return replace(
        plan,
        findings=tuple(one for one in entries if isinstance(one, Finding)),
        not_checked=tuple(one for one in entries if isinstance(one, NotChecked)),
    )


def _server(subject: Subject, source: DatabaseServer, name: str, at: float, environment: str, *, proof: bool) -> Write:
    given = as_object(source.body.get("properties"))
    properties: JsonObject = {
        "createMode": "PointInTimeRestore",
        "sourceServerResourceId": source.id,
        "pointInTimeUTC": instant(at),
        "network": _network(as_object(given.get("network"))),
    }
    shared = len(source.environments) > 1
    tags = subject.it.tags(None if shared or source.home == "hub" else environment)
    own: JsonObject = {SOURCE_TAG: source.name, POINT_TAG: instant(at), **({PROOF_TAG: environment} if proof else {})}
    body: JsonObject = {"location": source.location, "tags": {**tags, **own}, "properties": properties}
    if source.size and source.tier:
        body["sku"] = {"name": source.size, "tier": source.tier}
    if identities := as_object(member(source.body, "identity", "userAssignedIdentities")):
        body["identity"] = {"type": "UserAssigned", "userAssignedIdentities": {one: {} for one in identities}}
        key = as_object(given.get("dataEncryption"))
        members = ("type", "primaryKeyURI", "primaryUserAssignedIdentityId")
        properties["dataEncryption"] = {one: key[one] for one in members if one in key}
    return Write(f"{source.group}/providers/{SERVERS}/{name}", SERVERS, VERSION, body)


def _network(found: JsonObject) -> JsonObject:
    """The same subnet and DNS zone, or the same public access: Azure shows other members, too."""
    subnet = as_text(found.get("delegatedSubnetResourceId"))
    if not subnet:
        return {"publicNetworkAccess": as_text(found.get("publicNetworkAccess")) or "Disabled"}
    zone = as_text(found.get("privateDnsZoneArmResourceId"))
    return {"delegatedSubnetResourceId": subnet, **({"privateDnsZoneArmResourceId": zone} if zone else {})}


def _settings(source: DatabaseServer, server: str) -> Iterator[Write]:
    """Administrators, changed parameters and firewall rules."""
    kept = ("principalName", "principalType", "tenantId")
    for object_id, given in source.administrators:
        properties: JsonObject = {name: given[name] for name in kept if name in given}
        yield _child(server, "administrators", object_id, properties)
    for name, value in source.parameters:
        yield _child(server, "configurations", name, {"value": value, "source": "user-override"})
    for name, given in source.rules:
        addresses = ("startIpAddress", "endIpAddress")
        yield _child(server, "firewallRules", name, {one: given[one] for one in addresses if one in given})


def _child(server: str, kind: str, name: str, properties: JsonObject) -> Write:
    return Write(f"{server}/{kind}/{name}", f"{SERVERS}/{kind}", VERSION, {"properties": properties})


def _endpoints(subject: Subject, source: DatabaseServer, server: str) -> Iterator[Write]:
    """The private endpoint in the network of the running one, with its records in the same zone."""
    it = subject.it
    if it.public or source.is_injected:
        return
    for found in endpoints(it, source.home, server, "postgresqlServer", it.names.answers_at.zone("postgres")):
        one = as_object(found)
        group = f"/subscriptions/{as_text(one['subscriptionId'])}/resourceGroups/{as_text(one['resourceGroupName'])}"
        where, name = f"{group}/providers/{_ENDPOINTS}/{as_text(one['name'])}", as_text(one["name"])
        connection: Json = {
            "name": name,
            "properties": {"privateLinkServiceId": server, "groupIds": [as_text(one["groupId"])]},
        }
        subnet = subnet_id(it, source.home, "endpoints")
        body: JsonObject = {
            "location": one["location"],
            "tags": one["tags"],
            "properties": {"subnet": {"id": subnet}, "privateLinkServiceConnections": [connection]},
        }
        yield Write(where, _ENDPOINTS, _NETWORK_VERSION, body)
        zones: list[Json] = [
            {"name": as_text(one["groupId"]), "properties": {"privateDnsZoneId": zone}}
            for zone in as_list(one.get("zoneIds"))
        ]
        if zones:
            group_body: JsonObject = {"properties": {"privateDnsZoneConfigs": zones}}
            yield Write(f"{where}/privateDnsZoneGroups/default", _ZONE_GROUPS, _NETWORK_VERSION, group_body)


def needs_of(plan: RestorePlan) -> tuple[Need, ...]:
    """The actions that the restore sends, each at the group of what it is on."""
    found: dict[Need, None] = {}
    for one in (plan.server, *plan.settings, *plan.endpoints):
        found[_need(f"{one.type}/write", one.id)] = None
        for other in linked(one.type, one.id, one.body):
            found[_need(other.action, other.id)] = None
        if plan.proof and one.type in {SERVERS, _ENDPOINTS}:
            found[_need(f"{one.type}/delete", one.id)] = None
    return tuple(found)


def _need(action: str, where: str) -> Need:
    scope = f"/subscriptions/{subscription_of(where)}/resourceGroups/{group_of(where)}"
    return Need(action, scope, _WHY, place=scope, target=where)


def _entries(subject: Subject, plan: RestorePlan) -> Iterator[Entry]:
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
            f"{free} cores of PostgreSQL are free in {region}, and a second server needs {wanted}",
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
