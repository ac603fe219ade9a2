"""Values of read-only members, by their names and kinds: plausible, reproducible and recognisable as those of a rehearsal."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from installer.emulator.clock import instant
from installer.emulator.ids import derived_guid, derived_hex
from installer.emulator.providers.declared_outputs import octet
from installer.json_access import as_text
from installer.resource_id import group_of, name_of, subscription_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from installer.emulator.providers.provider import ProviderContext
    from installer.json_access import JsonObject
    from installer.jsontypes import Json

_CONDITIONAL: Final = re.compile(
    "error|(?<!de)fault|fail|warning|message|reason|exception|delet|purge|expir|suspend|remaining|secondary|swap|restor|conversion"
    "|migrat|geo|immutab|hold|move|replac|rollout|result|rehydrat|inprogress|target",
    re.IGNORECASE,
)
_COUNT: Final = re.compile("counts?$", re.IGNORECASE)
_CONDITIONAL_FLAG: Final = re.compile("sentinel", re.IGNORECASE)
"""Flags that recordings of Azure do not have: of services that a rehearsal does not have."""
_GOOD: Final = (
    "succeeded",
    "active",
    "running",
    "online",
    "available",
    "enabled",
    "ready",
    "approved",
    "connected",
    "completed",
    "healthy",
    "started",
    "none",
    "unlocked",
    "unleased",
)
"""States of a resource that works, the usual ones first."""
_MOMENT: Final = re.compile(r"(time|date|timestamp|timeutc|dateutc|[a-z]At|[a-z]On)$")
_MODIFIED: Final = re.compile("last|modif|updat|chang", re.IGNORECASE)
_URL: Final = re.compile("(endpoint|uri|url|link)s?$", re.IGNORECASE)
_HOST: Final = re.compile("(host|hostname|hostnames|fqdn|domain|dnsname|server)$", re.IGNORECASE)
_ID: Final = re.compile("(id|guid|uid)$", re.IGNORECASE)
_ADDRESS: Final = re.compile("(address|addresses|ip|ips|staticip)$", re.IGNORECASE)
_SECRET: Final = re.compile("(key|token|secret|password|thumbprint|hash|etag)$", re.IGNORECASE)


def conditional(name: str) -> bool:
    """Whether a member exists in certain situations only, which a rehearsal does not have."""
    return _CONDITIONAL.search(name) is not None


def scalar(context: ProviderContext, owner: str, name: str, kind: JsonObject, elements: Sequence[JsonObject]) -> Json:
    """A value of a member that is no object; None where Azure would show none."""
    match kind.get("$type"):
        case "BooleanType":
            return None if _CONDITIONAL_FLAG.search(name) else False
        case "IntegerType":
            return None if conditional(name) and not _COUNT.search(name) else 0
        case "ArrayType":
            return [] if not conditional(name) else None
        case "StringLiteralType":
            return kind.get("value")
        case "UnionType":
            listed = [as_text(one.get("value")) for one in elements if "value" in one]
            good = next((text for state in _GOOD for text in listed if text.lower() == state), None)
            if conditional(name):
                return None
            return good or (listed[0] if listed else text_of(context, owner, name))
        case "StringType":
            return None if conditional(name) else text_of(context, owner, name)
    return None


def text_of(context: ProviderContext, owner: str, name: str) -> str:
    """A string, by the name of the member."""
    leaf, plain = name_of(owner), name.lower()
    host = f"{leaf}.{plain}.rehearsal.invalid".lower()
    known = {
        "name": leaf,
        "type": context.resource.type,
        "location": context.location,
        "tenantid": context.tenant_id,
        "subscriptionid": subscription_of(owner),
        "subscription": subscription_of(owner),
        "resourcegroup": group_of(owner),
        "scope": owner,
        "duration": "PT0S",
        "ipprefix": f"198.51.100.{octet(owner, name)}/32",
    }
    if plain in known:
        return known[plain]
    moment = context.resource.changed if _MODIFIED.search(name) else context.resource.created
    by_form = (
        (plain.endswith("location"), context.location),
        (_MOMENT.search(name), instant(moment)),
        (_URL.search(name), f"https://{host}/"),
        (_HOST.search(name), host),
        (plain.endswith("resourceid"), owner),
        (_ID.search(name) or plain in ("createdby", "updatedby"), derived_guid(owner, name)),
        (_ADDRESS.search(name), f"198.51.100.{octet(owner, name)}"),
        (_SECRET.search(name), derived_hex(owner, name, 32)),
        (plain.endswith("version"), "1.0"),
        (plain.endswith("state"), "Succeeded"),
        (plain.endswith("status"), "Active"),
    )
    return next((text for matches, text in by_form if matches), f"{name} of the embedded Azure")
