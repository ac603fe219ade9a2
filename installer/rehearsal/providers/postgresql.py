"""Microsoft.DBforPostgreSQL: flexible servers, whose names are unique in the whole world."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from installer.rehearsal.errors import ArmError
from installer.rehearsal.providers.behaviour import Behaviour, Case, name_taken

if TYPE_CHECKING:
    from installer.rehearsal.shapes import JsonObject

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{1,61})[a-z0-9]")


def _check_server(case: Case) -> None:
    name = case.leaf
    if not _NAME.fullmatch(name):
        raise ArmError(
            400,
            "InvalidServerName",
            f"The server name '{name}' is invalid: 3 to 63 lower-case letters, digits and hyphens are expected, "
            "with neither end a hyphen.",
            cause="service",
        )
    if name_taken(case):
        raise ArmError(
            409, "ServerNameAlreadyExists", f"Specified server name '{name}' is already used.", cause="service"
        )


def _server(case: Case) -> JsonObject:
    public = case.text("network", "publicNetworkAccess")
    injected = case.text("network", "delegatedSubnetResourceId")
    return {
        "properties": {
            "fullyQualifiedDomainName": f"{case.leaf}.postgres.database.azure.com",
            "state": "Ready",
            "network": {"publicNetworkAccess": public or ("Disabled" if injected else "Enabled")},
        }
    }


BEHAVIOURS = {"Microsoft.DBforPostgreSQL/flexibleServers": Behaviour(check=_check_server, computed=_server)}
