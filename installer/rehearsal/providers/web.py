"""Microsoft.Web: App Service sites, whose names are unique in the whole world."""

from __future__ import annotations

import re

from installer.rehearsal.errors import ArmError
from installer.rehearsal.ids import derived_hex
from installer.rehearsal.providers.behaviour import Behaviour, Case, name_taken
from installer.rehearsal.shapes import JsonObject, strings

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,58}[A-Za-z0-9])?")


def _check_site(case: Case) -> None:
    name = case.leaf
    if not _NAME.fullmatch(name):
        raise ArmError(400, "BadRequest", f"The host name for this site is invalid: '{name}'.", cause="service")
    if name_taken(case):
        raise ArmError(409, "Conflict", f"Website with given name {name} already exists.", cause="service")


def _site(case: Case) -> JsonObject:
    host = f"{_host(case.id)}.azurewebsites.net"
    addresses = [f"203.0.113.{(int(derived_hex(case.id, 'outbound', 2), 16) + step) % 254 + 1}" for step in range(3)]
    return {
        "properties": {
            "state": "Running",
            "defaultHostName": host,
            "hostNames": strings([host]),
            "enabledHostNames": strings([host, host.replace(".azure", ".scm.azure")]),
            "outboundIpAddresses": ",".join(addresses),
            "customDomainVerificationId": derived_hex(case.id.split("/providers/")[0], "verification", 32).upper(),
        }
    }


def _host(site_id: str) -> str:
    parts = site_id.split("/")
    slot = parts[-1] if parts[-2].lower() == "slots" else ""
    return f"{parts[-3]}-{slot}".lower() if slot else parts[-1].lower()


BEHAVIOURS = {
    "Microsoft.Web/sites": Behaviour(check=_check_site, computed=_site),
    "Microsoft.Web/sites/slots": Behaviour(computed=_site),
}
