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

from installer.errors import UsageError
from installer.estate.parameters.resource_ids import endpoints, subnet_id
from installer.json_access import as_list, as_object, as_text, member
from installer.operations.recovery.database_server import SERVERS, VERSION, read_server
from installer.operations.recovery.restore_checks import entries_of
from installer.operations.recovery.restore_model import (
    ENDPOINTS,
    RestorePlan,
    Write,
    instant,
)
from installer.preflight.model import sorted_out
from installer.preflight.moments import moment_of
from installer.steps.restored_servers import POINT_TAG, PROOF_TAG, SOURCE_TAG

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.json_access import JsonObject
    from installer.jsontypes import Json
    from installer.operations.recovery.database_server import DatabaseServer
    from installer.preflight.subject import Subject

DELAY_SECONDS: Final = 300.0
"""Delay with which transaction logs are saved: the latest restore point is that much before now."""
_ZONE_GROUPS: Final = f"{ENDPOINTS}/privateDnsZoneGroups"
_NETWORK_VERSION: Final = "2025-05-01"
_MAX_NAME: Final = 63


def parse_time(text: str) -> float:
    """The time of the option --at, in seconds since the epoch. Raises UsageError."""
    if not (found := moment_of(text)):
        raise UsageError(f"--at {text}: write a time such as 2026-12-01T14:30:00Z; without a time zone it is UTC")
    return found


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
    findings, unseen = sorted_out(entries_of(subject, plan))
    return replace(plan, findings=findings, not_checked=unseen)


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
        where, name = f"{group}/providers/{ENDPOINTS}/{as_text(one['name'])}", as_text(one["name"])
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
        yield Write(where, ENDPOINTS, _NETWORK_VERSION, body)
        zones: list[Json] = [
            {"name": as_text(one["groupId"]), "properties": {"privateDnsZoneId": zone}}
            for zone in as_list(one.get("zoneIds"))
        ]
        if zones:
            group_body: JsonObject = {"properties": {"privateDnsZoneConfigs": zones}}
            yield Write(f"{where}/privateDnsZoneGroups/default", _ZONE_GROUPS, _NETWORK_VERSION, group_body)
