"""Locks in the way of the plan: of its writes, and of its deployments in a full history.

Sources: azure-docs, azure-resource-manager/management/lock-resources.md (ReadOnly) and
templates/deployment-history-deletions.md (CanNotDelete).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.json_access import as_text, member
from installer.preflight.commands import in_subscription
from installer.preflight.model import Finding, NotChecked, Proof, WayOut
from installer.preflight.reads import NotVisible
from installer.preflight.subscription_reads import deployments, locks
from installer.resource_id import contains, extended_id_of, name_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.preflight.model import Entry
    from installer.preflight.subject import Subject

_MAX_DEPLOYMENTS: Final = 800
"""Deployments in the history of a scope. Azure deletes the oldest automatically, unless a lock prevents it.
Source: azure-docs, azure-resource-manager/templates/deployment-history-deletions.md."""


def read_only_locks(subject: Subject) -> Iterator[Entry]:
    """Read-only locks on what the plan writes to."""
    written = {body.id.lower() for body in subject.bodies}
    found, unread = 0, 0
    for one in subject.written_subscriptions:
        try:
            listed = subject.arm.every(locks(one))
        except NotVisible as unseen:
            unread += 1
            yield NotChecked(unseen.what, unseen.why)
            continue
        for lock in listed:
            level, scope = as_text(member(lock, "properties", "level")).lower(), extended_id_of(as_text(lock.get("id")))
            if level not in ("readonly", "") or not any(contains(scope, target) for target in written):
                continue
            if not level:
                unread += 1
                yield NotChecked(f"the lock {name_of(as_text(lock.get('id')))}", "its body does not have its level")
            else:
                found += 1
                yield Finding(
                    "blocks",
                    f"the lock {as_text(lock.get('name'))} makes {name_of(scope) or scope} read-only",
                    scope,
                    "Azure refuses every write below it",
                    (WayOut(f"ask its owner to remove it: az lock delete --ids {as_text(lock.get('id'))}"),),
                    "ScopeLocked",
                )
    if not found and not unread:
        yield Proof("no read-only lock is in the way")


def full_history(subject: Subject) -> Iterator[Entry]:
    """A full history of deployments that Azure may not shorten, since a lock prevents deletions."""
    for one in subject.written_subscriptions:
        scope = f"/subscriptions/{one}"
        kept = [
            lock
            for lock in subject.arm.every(locks(one))
            if extended_id_of(as_text(lock.get("id"))).lower() == scope
            and as_text(member(lock, "properties", "level")).lower() == "cannotdelete"
        ]
        needed = sum(1 for stage in subject.stages if one == subject.it.subscription)
        if kept and needed and len(subject.arm.every(deployments(one))) + needed > _MAX_DEPLOYMENTS:
            yield Finding(
                "blocks",
                f"the deployment history of the subscription {one} is full, and the lock {as_text(kept[0].get('name'))} keeps "
                "Azure from deleting the oldest deployments",
                scope,
                f"Azure refuses further deployments; the plan needs up to {needed}",
                (
                    WayOut(f"ask its owner to remove the lock: az lock delete --ids {as_text(kept[0].get('id'))}"),
                    WayOut(
                        f"delete old deployments: az deployment sub delete {in_subscription(scope)} -n NAME, which deletes no resources"
                    ),
                ),
                "DeploymentQuotaExceeded",
            )
