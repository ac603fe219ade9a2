"""Bodies in a survey: responses of Azure Resource Manager, alone or as the lists in which it returns them.

The Azure CLI prints most resources without `properties`: their members are beside `id`. Read as a body of Azure, such a resource has
no properties at all, so types whose properties matter are refused in that form, with the request whose response to save. Source:
docs.microsoft.com/cli/azure/reference-index (az rest: a URL without a host is a path of Resource Manager).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.json_access import as_text, objects_of
from installer.resource_id import GUID, parse_id, segments

if TYPE_CHECKING:
    from installer.json_access import JsonObject

_AUTHORIZATION: Final = "microsoft.authorization"
_NETWORK: Final = "microsoft.network"
_READ: Final = {
    f"{_NETWORK}/virtualnetworks": "2025-05-01",
    f"{_NETWORK}/virtualnetworks/subnets": "2025-05-01",
    f"{_NETWORK}/virtualnetworks/virtualnetworkpeerings": "2025-05-01",
    f"{_NETWORK}/networksecuritygroups": "2025-05-01",
    f"{_NETWORK}/routetables": "2025-05-01",
    f"{_NETWORK}/privateendpoints": "2025-05-01",
    f"{_NETWORK}/privatednszones/virtualnetworklinks": "2024-06-01",
    f"{_AUTHORIZATION}/roleassignments": "2022-04-01",
    f"{_AUTHORIZATION}/roledefinitions": "2022-04-01",
    f"{_AUTHORIZATION}/denyassignments": "2022-04-01",
    f"{_AUTHORIZATION}/roleeligibilityscheduleinstances": "2020-10-01",
    f"{_AUTHORIZATION}/locks": "2020-05-01",
    f"{_AUTHORIZATION}/policyassignments": "2023-04-01",
    f"{_AUTHORIZATION}/policydefinitions": "2023-04-01",
    f"{_AUTHORIZATION}/policysetdefinitions": "2023-04-01",
    f"{_AUTHORIZATION}/policyexemptions": "2022-07-01-preview",
}
"""API version by type of the resources whose properties are read; of others it only matters that they exist, and where."""
_INSIDE: Final = {f"{_NETWORK}/virtualnetworks": ("subnets", "virtualNetworkPeerings")}
"""Children that Azure shows inside a resource."""
_ENVELOPE: Final = frozenset({"id", "name", "type", "etag", "location", "tags"})
_CLI: Final = "it is in the form of the Azure CLI, which Azure does not send"


def problem_of(body: JsonObject) -> str:
    """Reason why a body cannot be read, "" if it can."""
    own = as_text(body.get("id"))
    if not own:
        return "a resource needs its id"
    if GUID.match(own):
        return f"{_CLI}: save the response to az rest --url '/subscriptions/SUBSCRIPTION?api-version=2022-12-01'"
    parsed = parse_id(own)
    if parsed is None:
        return "" if is_subscription(own) else "its id is none of a resource, a resource group or a subscription"
    if not isinstance(body.get("properties", {}), dict | None):
        return "its properties are no object"
    kind = parsed.type.lower()
    if kind in _READ and not isinstance(body.get("properties"), dict):
        bare = "resourceGroup" not in body and set(body) <= _ENVELOPE
        return _unread(kind, "it has no properties" if bare else _CLI)
    return _unread(kind, _CLI) if any(map(_is_flat, _children(kind, body))) else ""


def _children(kind: str, body: JsonObject) -> list[JsonObject]:
    properties = body.get("properties")
    inside = properties if isinstance(properties, dict) else {}
    return [child for name in _INSIDE.get(kind, ()) for child in objects_of(inside.get(name))]


def _is_flat(child: JsonObject) -> bool:
    """Whether a child has members, but no properties."""
    return not isinstance(child.get("properties"), dict) and not set(child) <= _ENVELOPE


def _unread(kind: str, form: str) -> str:
    """The sentence about a resource whose properties cannot be read: its form, and what to save instead."""
    inner = kind.count("/") > 1
    where = f"ID-OF-ITS-PARENT/{kind.rpartition('/')[2]}" if inner else f"/subscriptions/SUBSCRIPTION/providers/{kind}"
    return f"{form}: save the response to az rest --url '{where}?api-version={_READ[kind]}'"


def is_subscription(resource_id: str) -> bool:
    """Whether an ID is that of a subscription."""
    parts = segments(resource_id)
    return len(parts) == 2 and parts[0].lower() == "subscriptions"
