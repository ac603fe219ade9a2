"""Rights for reads, deletions and actions of resources; rights for writes are checked where writes are prepared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.emulator.authorization.access import action_of
from installer.resource_id import parse_id

if TYPE_CHECKING:
    from installer.emulator.authorization.access import Access

_FREE = ("microsoft.authorization/permissions", "microsoft.authorization/roledefinitions")
_OTHER_NAMES = {
    "microsoft.operationalinsights/workspaces/query/action": "Microsoft.OperationalInsights/workspaces/query/read"
}
"""POST requests whose action is called a read: azure-docs, role-based-access-control/permissions/monitor.md."""
_VERBS = {"GET": "read", "HEAD": "read", "DELETE": "delete"}


def check_right(access: Access, method: str, path: str) -> None:
    """Refuses a read, a deletion or an action for which the caller lacks the right (ArmError 403)."""
    if not access.checked or not path.lower().startswith("/subscriptions/"):
        return
    parsed, action = parse_id(path), _VERBS.get(method, "")
    if parsed is None and method == "POST":
        owner, _, last = path.rpartition("/")
        parsed, action = parse_id(owner), f"{last}/action"
    if parsed is None or not action or parsed.type.lower().startswith(_FREE):
        return
    name = action_of(parsed.type, action)
    access.check(_OTHER_NAMES.get(name.lower(), name), parsed.id)
