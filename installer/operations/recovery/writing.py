"""Writes of resources that Azure finishes later: each is sent once, and found again after an interruption."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.errors import DeploymentFailed
from installer.json_access import as_text, member
from installer.resource_id import name_of
from installer.steps.polling import is_under_way, poll

if TYPE_CHECKING:
    from installer.cloud.rest import Service
    from installer.engine.step import Context
    from installer.json_access import JsonObject
    from installer.operations.recovery.restore_model import Write

POLL_SECONDS: Final = 10.0
LIMIT_SECONDS: Final = 6 * 3600.0
"""A restore takes from a few minutes to a few hours: MicrosoftDocs/azure-databases-docs, concepts-backup-restore.md."""
_DONE: Final = frozenset({"", "Succeeded", "Ready"})
_FAILED: Final = frozenset({"Failed", "Canceled"})


def state_of(found: JsonObject) -> str:
    """The state that is not the usual one; "" for a resource that is done. PostgreSQL servers have `state`, other types not."""
    states = (as_text(member(found, "properties", name)) for name in ("provisioningState", "state"))
    return next((state for state in states if state not in _DONE), "")


def is_done(service: Service, write: Write) -> bool:
    """Whether a resource exists and Azure has finished with it. Queries Azure."""
    found = service.find(write.path, doing=f"read {name_of(write.id)}")
    return found is not None and not state_of(found)


def written(service: Service, context: Context, write: Write, *, method_body: bool = True) -> None:
    """Write a resource and wait for it; one that is being written already is waited for. Raises DeploymentFailed, AzureRefused.

    Args:
        service: Azure Resource Manager.
        context: Context of the step.
        write: The resource.
        method_body: Whether the request has a body.

    """
    name, speed = name_of(write.id), service.target.speed
    found, location = service.find(write.path, doing=f"read {name}"), ""
    if found is None or not state_of(found) or state_of(found) in _FAILED:
        context.remember("begun", name=name)
        body = write.body if method_body else None
        location = service.ask("PUT", write.path, body, doing=f"write {name}").location
    for _ in poll(context, interval=POLL_SECONDS, limit=LIMIT_SECONDS, speed=speed):
        if is_under_way(service, location, f"write {name}"):
            continue
        location = ""  # its last answer would have had the error of a write that fails
        found = service.find(write.path, doing=f"read {name}")
        state = state_of(found) if found is not None else ""
        if state in _FAILED:
            raise DeploymentFailed(f"{name} was not written: Azure shows the state {state}")
        if found is not None and not state:
            context.emit("resource.finished", "succeeded", resource=name, id=write.id)
            return
    raise DeploymentFailed(f"{name} was not ready in time")
