"""The PostgreSQL server of an environment as Azure shows it: what a restore takes over, and what it has to write again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from installer.errors import UsageError
from installer.estate.parameters.data import server_ids
from installer.json_access import as_object, as_text, member
from installer.preflight.moments import DAY, moment_of
from installer.preflight.reads import NotVisible, listing, resource
from installer.resource_id import group_of, name_of, subscription_of

if TYPE_CHECKING:
    from installer.estate.parameters.context import Installation
    from installer.json_access import JsonObject
    from installer.preflight.reads import Reads

VERSION: Final = "2025-08-01"
SERVERS: Final = "Microsoft.DBforPostgreSQL/flexibleServers"
_OF_THE_SERVICE: Final = frozenset({"postgres", "azure_maintenance", "azure_sys"})
"""Databases that every server has: postgres (learn.microsoft.com/azure/postgresql, quickstart-create-server), and those that Microsoft's
PostgreSQLAccountTreeItem.ts (Azure Databases extension of VS Code) leaves out."""
_OVERRIDE: Final = "user-override"


@dataclass(frozen=True)
class DatabaseServer:
    """A server.

    Attributes:
        id: Its resource ID.
        environments: Environments whose databases it has.
        home: Network of its private endpoint: an environment, or "hub".
        body: The server as Azure returns it.
        databases: Names of its databases, without those of the service.
        administrators: Microsoft Entra administrators: object ID and properties.
        parameters: Server parameters that were changed, by name.
        rules: Firewall rules: name and properties.

    """

    id: str
    environments: tuple[str, ...]
    home: str
    body: JsonObject
    databases: tuple[str, ...]
    administrators: tuple[tuple[str, JsonObject], ...]
    parameters: tuple[tuple[str, str], ...]
    rules: tuple[tuple[str, JsonObject], ...]

    @property
    def name(self) -> str:
        """Its name."""
        return name_of(self.id)

    @property
    def group(self) -> str:
        """ID of its resource group."""
        return f"/subscriptions/{subscription_of(self.id)}/resourceGroups/{group_of(self.id)}"

    @property
    def location(self) -> str:
        """Its region."""
        return as_text(self.body.get("location"))

    @property
    def tier(self) -> str:
        """Its tier, such as Burstable."""
        return as_text(member(self.body, "sku", "tier"))

    @property
    def size(self) -> str:
        """Its size."""
        return as_text(member(self.body, "sku", "name"))

    @property
    def retention_days(self) -> int:
        """Days for which its backups are kept; 0 if Azure does not show them."""
        days = member(self.body, "properties", "backup", "backupRetentionDays")
        return days if isinstance(days, int) else 0

    def earliest(self, now: float) -> float:
        """Earliest restore point, in seconds since the epoch; from the retention if Azure does not show it."""
        shown = moment_of(as_text(member(self.body, "properties", "backup", "earliestRestoreDate")))
        return shown or now - self.retention_days * DAY

    @property
    def is_injected(self) -> bool:
        """Whether it is in a subnet, instead of behind a private endpoint or public."""
        return bool(as_text(member(self.body, "properties", "network", "delegatedSubnetResourceId")))

    @property
    def is_highly_available(self) -> bool:
        """Whether it has a standby."""
        return as_text(member(self.body, "properties", "highAvailability", "mode")) not in {"", "Disabled"}


def server_id(it: Installation, environment: str) -> str:
    """Resource ID of the server of an environment. Raises UsageError for an environment that the installation does not have."""
    if environment not in it.environments:
        raise UsageError(f"--env {environment}: the installation has {', '.join(it.environments)}")
    wanted = it.postgres(it.site(environment))
    return next(one for one in server_ids(it) if name_of(one) == wanted)


def read_server(it: Installation, arm: Reads, environment: str) -> DatabaseServer:
    """The server of an environment. Queries Azure. Raises NotVisible, also if it does not exist."""
    found = server_id(it, environment)
    kinds = ("databases", "administrators", "configurations", "firewallRules")
    lists = [listing(f"{found}/{kind}?api-version={VERSION}", f"the {kind} of {name_of(found)}") for kind in kinds]
    one = resource(f"{found}?api-version={VERSION}", f"the PostgreSQL server {name_of(found)}")
    arm.ahead([one, *lists])
    body = arm.find(one)
    if body is None:
        raise NotVisible(one.what, "it does not exist; a deleted server is restored with the portal")
    databases, administrators, parameters, rules = (arm.every(request) for request in lists)
    own = it.site(environment).own_server
    names = (as_text(entry.get("name")) for entry in databases)
    return DatabaseServer(
        found,
        (environment,) if own else tuple(site.name for site in it.sites if not site.own_server),
        environment if own else "hub",
        body,
        tuple(name for name in names if name not in _OF_THE_SERVICE),
        tuple((as_text(entry.get("name")), as_object(entry.get("properties"))) for entry in administrators),
        tuple(
            (as_text(entry.get("name")), as_text(member(entry, "properties", "value")))
            for entry in parameters
            if as_text(member(entry, "properties", "source")) == _OVERRIDE
            and member(entry, "properties", "isReadOnly") is not True
        ),
        tuple((as_text(entry.get("name")), as_object(entry.get("properties"))) for entry in rules),
    )
