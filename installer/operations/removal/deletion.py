"""Deletion of single resources: nested ones first, and again those that Azure refuses while others use them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from installer.cloud.errors import AzureRefused
from installer.cloud.rest import ABSENT
from installer.errors import DeploymentFailed, VerificationFailed
from installer.json_access import as_list, as_text, objects_of
from installer.resource_id import parse_id
from installer.steps.polling import is_under_way, poll

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from installer.cloud.rest import Service
    from installer.engine.step import Context
    from installer.operations.removal.model import Item

POLL_SECONDS: Final = 10.0
LIMIT_SECONDS: Final = 3600.0
"""Estimated: a cluster, an Application Gateway or a Container Apps environment takes up to half an hour."""
LOCK_SECONDS: Final = 300.0
"""Estimated: Azure may refuse to delete a group shortly after its locks were deleted (microsoft/TeamCloud#146)."""
_LOCKED: Final = "ScopeLocked"
_IN_USE: Final = frozenset({400, 409})
"""Status codes with which Azure refuses to delete what others use."""


@dataclass(frozen=True)
class Deletion:
    """Deletes resources with one account; what does not exist has been deleted."""

    service: Service

    def version(self, item: Item) -> str:
        """API version for a resource, from its provider if no template has the type."""
        if item.version:
            return item.version
        parsed = parse_id(item.id)
        if parsed is None:
            raise DeploymentFailed(f"{item.id} is no resource ID")
        path = f"/subscriptions/{parsed.subscription}/providers/{parsed.namespace}?api-version=2021-04-01"
        body = self.service.find(path, doing=f"read the API versions of {parsed.namespace}") or {}
        wanted = "/".join(parsed.types).lower()
        for one in objects_of(body.get("resourceTypes")):
            if as_text(one.get("resourceType")).lower() == wanted:
                versions = [as_text(version) for version in as_list(one.get("apiVersions"))]
                return next((version for version in versions if "preview" not in version), versions[0])
        raise DeploymentFailed(
            f"{parsed.namespace} does not name an API version for {item.shown}; delete it in the portal"
        )

    def exists(self, item: Item) -> bool:
        """Whether a resource exists. Queries Azure."""
        return self.service.find(self._path(item), doing=f"read {item.shown}") is not None

    def all_gone(self, items: Iterable[Item]) -> bool:
        """Whether none of them exists. Queries Azure."""
        return not any(self.exists(item) for item in items)

    def delete(self, context: Context, items: Sequence[Item]) -> None:
        """Delete resources; in rounds, as long as a round deletes one. Raises AzureRefused with the first that stays."""
        left = sorted(items, key=lambda one: -one.depth)
        while left:
            refused: list[tuple[Item, AzureRefused]] = []
            sent = []
            for item in left:
                try:
                    if self._send(item):
                        sent.append(item)
                except AzureRefused as error:
                    if error.status not in _IN_USE:
                        raise
                    refused.append((item, error))
            for item in sent:
                self._wait(context, item)
                context.emit("resource.finished", "deleted", resource=item.shown, id=item.id)
            if len(refused) == len(left):
                for item, why in refused:
                    context.emit("warning", f"{item.shown}: {str(why).splitlines()[0]}", id=item.id)
                raise refused[0][1]
            left = [item for item, _ in refused]

    def _send(self, item: Item) -> bool:
        """Ask for the deletion; False if it does not exist."""
        try:
            self.service.ask("DELETE", self._path(item), doing=f"delete {item.shown}")
        except AzureRefused as refused:
            if refused.status == ABSENT:
                return False
            raise
        return True

    def _wait(self, context: Context, item: Item) -> None:
        speed = self.service.target.speed
        for _ in poll(context, interval=POLL_SECONDS, limit=LIMIT_SECONDS, speed=speed):
            if not self.exists(item):
                return
        raise VerificationFailed(f"{item.shown} was not deleted in time")

    def _path(self, item: Item) -> str:
        return f"{item.id}?api-version={self.version(item)}"

    def delete_group(self, context: Context, path: str, name: str, lock_seconds: float) -> None:
        """Delete a resource group with everything in it. Raises AzureRefused with what keeps it.

        Args:
            context: Context of the step.
            path: Request path of the group.
            name: Its name.
            lock_seconds: Seconds for which a refusal because of a lock is taken for one that was just deleted.

        """
        speed = self.service.target.speed
        for passed in poll(context, interval=POLL_SECONDS, limit=lock_seconds, speed=speed):
            try:
                location = self.service.ask("DELETE", path, doing=f"delete the resource group {name}").location
                break
            except AzureRefused as refused:
                if refused.status == ABSENT:
                    return
                if refused.code != _LOCKED or passed >= lock_seconds:
                    raise
        for _ in poll(context, interval=POLL_SECONDS, limit=LIMIT_SECONDS, speed=speed):
            if is_under_way(self.service, location, f"delete the resource group {name}"):
                continue
            location = ""  # its last answer would have had the error of a group that stays
            if self.service.find(path, doing=f"read the resource group {name}") is None:
                return
        raise VerificationFailed(f"the resource group {name} was not deleted in time")
