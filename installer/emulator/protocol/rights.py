"""Rights for reads, deletions and actions of resources, and for lists; rights for writes are checked where writes are prepared.

Sources of the names of actions: azure-docs, role-based-access-control/permissions (compute.md, networking.md, storage.md, containers.md,
databases.md, security.md, web-and-mobile.md, management-and-governance.md); hashicorp/terraform-provider-azurerm#2678 (the refusal of
GET /subscriptions/ID/providers names Microsoft.Resources/subscriptions/providers/read). Groups and resources of a subscription are
not refused as a whole: Azure lists those that the caller may read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.emulator.authorization.access import action_of
from installer.resource_id import canonical_scope, last_provider, parse_id, segments

if TYPE_CHECKING:
    from installer.emulator.authorization.access import Access

_FREE = ("microsoft.authorization/permissions", "microsoft.authorization/roledefinitions")
_OTHER_NAMES = {
    "microsoft.operationalinsights/workspaces/query/action": "Microsoft.OperationalInsights/workspaces/query/read",
    "microsoft.storage/checknameavailability/action": "Microsoft.Storage/checknameavailability/read",
    "microsoft.keyvault/checknameavailability/action": "Microsoft.KeyVault/checkNameAvailability/read",
    "microsoft.containerregistry/checknameavailability/action": "Microsoft.ContainerRegistry/checkNameAvailability/read",
    "microsoft.web/checknameavailability/action": "Microsoft.Web/checknameavailability/read",
    "microsoft.policyinsights/checkpolicyrestrictions/action": "Microsoft.PolicyInsights/checkPolicyRestrictions/read",
}
"""POST requests whose action is called a read."""
_VERBS = {"GET": "read", "HEAD": "read", "DELETE": "delete"}
_OF_SUBSCRIPTION = frozenset({"providers", "locations"})


def check_right(access: Access, method: str, path: str) -> None:
    """Refuses a read, a list, a deletion or an action for which the caller lacks the right (ArmError 403)."""
    if not access.checked or not path.lower().startswith("/subscriptions/"):
        return
    parsed, action = parse_id(path), _VERBS.get(method, "")
    if parsed is None and method == "POST":
        owner, _, last = path.rpartition("/")
        parsed, action = parse_id(owner), f"{last}/action"
    if parsed is None:
        _check_collection(access, method, path)
        return
    if not action or parsed.type.lower().startswith(_FREE):
        return
    name = action_of(parsed.type, action)
    access.check(_OTHER_NAMES.get(name.lower(), name), parsed.id)


def _check_collection(access: Access, method: str, path: str) -> None:
    """The right for a list, or for an action of a provider: at what the list is of."""
    parts = segments(path)
    if len(parts) == 3 and parts[2].lower() in _OF_SUBSCRIPTION and method == "GET":
        access.check(f"Microsoft.Resources/subscriptions/{parts[2].lower()}/read", f"/subscriptions/{parts[1]}")
        return
    at = last_provider([part.lower() for part in parts])
    if at is None or len(parts) < at + 3 or method not in ("GET", "POST"):
        return
    types, names = parts[at + 2 :: 2], parts[at + 3 :: 2]
    kind = "/".join((parts[at + 1], *types))
    if kind.lower().startswith(_FREE):
        return
    name = f"{kind}/{'read' if method == 'GET' else 'action'}"
    regional = types[0].lower() == "locations" or not names
    scope = canonical_scope(parts[:at]) if regional else f"/{'/'.join(parts[:-1])}"
    access.check(_OTHER_NAMES.get(name.lower(), name), scope)
