"""Compares the objects of an environment with Prefect, and applies the differences; emits a line for each object."""

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from installer.errors import PrefectFailed
from installer.flow_project.objects import FlowObject
from installer.job_program.changes import Doing
from installer.json_access import as_object, as_text
from installer.jsontypes import Json
from installer.prefect_setup.flows.compare import INITIAL, Action, Decision, Fields, decide
from installer.prefect_setup.flows.deployments import KINDS_OF_OBJECTS
from installer.prefect_setup.flows.lock import FlowsLock
from installer.prefect_setup.flows.order import FlowsOrder
from installer.prefect_setup.flows.record import Hashes, Record, hash_of
from installer.prefect_setup.flows.server import Server
from installer.prefect_setup.flows.shown import shown

WriteLine = Callable[[dict[str, Json]], None]
_DOINGS: Final[Mapping[Action, Doing]] = {
    "create": "created",
    "update": "updated",
    "unchanged": "unchanged",
    "remove": "removed",
    "keep": "kept",
}
_IMAGE_TO_COME: Final = "the image of these files"
"""In a comparison before the image is built, so that it does not seem to be removed."""


def read_record(server: Server, environment: str) -> Record:
    """The record of an environment; an empty one before the first deployment."""
    return Record.from_json(_artifact(server, environment).get("data"))


def _artifact(server: Server, environment: str) -> Fields:
    return server.find(f"/artifacts/{_key(environment)}/latest", "the record of the flows") or {}


def work_on_flows(
    server: Server, order: FlowsOrder, write: WriteLine, now: Callable[[], float] = time.time
) -> dict[str, Json]:
    """Compare, and apply unless the order is a diff; returns numbers and the deployed image.

    Raises:
        PrefectFailed: Prefect refuses, another run is deploying, or has deployed since the comparison of this one.

    """
    if order.mode == "diff":
        return _compare(server, order, write)
    lock = FlowsLock(server, order.environment, order.deployer, now)
    lock.take()
    keeps = False
    try:
        _refuse_outdated(server, order)
        if order.mode == "reserve":
            keeps = True
            return {}
        return _compare(server, order, write)
    finally:
        if not keeps:
            lock.release()


def _refuse_outdated(server: Server, order: FlowsOrder) -> None:
    """Raise PrefectFailed if another run has deployed since the comparison that the user has agreed to."""
    artifact = _artifact(server, order.environment)
    record = Record.from_json(artifact.get("data"))
    if order.seen is None or record.version == order.seen or record.deployer == order.deployer:
        return
    by, at = record.deployer.by or "another run", as_text(artifact.get("updated"))[:19]
    raise PrefectFailed(
        f"the flows of {order.environment} were deployed meanwhile by {by} at {at} UTC, so the changes that were shown are "
        "not those that would be made; nothing was changed. Run flows deploy again"
    )


def _compare(server: Server, order: FlowsOrder, write: WriteLine) -> dict[str, Json]:
    record = read_record(server, order.environment)
    wanted = [_with_known_image(one, order, record) for one in order.objects]
    keys = {one.key: one for one in wanted}
    others = [key for key in record.objects.keys() | record.pending if key not in keys]
    found = {key: _find(server, key) for key in (*keys, *others)}
    decisions = decide(wanted, found, record, order.take)
    if order.mode == "apply":
        _apply(server, order, record, decisions, write)
    else:
        for one in decisions:
            if one.action not in ("unchanged", "forget"):
                write(
                    {
                        "diff": one.action,
                        "kind": one.one.kind,
                        "name": one.one.name,
                        "text": shown(one, found[one.one.key]),
                    }
                )
    changes = sum(one.action in ("create", "update", "remove") for one in decisions)
    kept = sum(bool(one.kept) or one.action == "keep" for one in decisions)
    code = "" if record.mark == order.mark else f"{record.mark or 'none'} -> {order.mark}"
    return {
        "changes": changes,
        "kept": kept,
        "files": code,
        "mark": record.mark,
        "image": record.image,
        "record": record.version,
    }


def _with_known_image(one: FlowObject, order: FlowsOrder, record: Record) -> FlowObject:
    """A comparison before the build uses the deployed image, if that has the same files; where none is recorded, workers bring it."""
    variables = as_object(one.fields.get("job_variables"))
    if order.image or one.kind != "deployment" or not record.image:
        return one
    image = record.image if record.mark == order.mark else _IMAGE_TO_COME
    found = {**one.fields, "job_variables": {**variables, "image": image}}
    return replace(one, fields=found)


def _find(server: Server, key: str) -> Fields | None:
    kind, find = next((kind, of.find) for kind, of in KINDS_OF_OBJECTS.items() if key.startswith(f"{kind} "))
    return find(server, key.removeprefix(f"{kind} "))


def _apply(server: Server, order: FlowsOrder, record: Record, decisions: list[Decision], write: WriteLine) -> None:
    """Apply the decisions. The record names what may be created before it is, so that an interrupted one finds it again."""
    objects = {key: dict(fields) for key, fields in record.objects.items()}
    creating = {one.one.key for one in decisions if one.action == "create"}
    if creating - record.pending - objects.keys():
        begun = replace(record, pending=record.pending | creating, deployer=order.deployer)
        _write_record(server, order.environment, begun)
    for decision in decisions:
        one, of = decision.one, KINDS_OF_OBJECTS[decision.one.kind]
        if decision.action == "create":
            of.create(server, one)
        elif decision.action == "update":
            of.update(server, one, {name: one.fields[name] for name in decision.fields})
        elif decision.action == "remove":
            of.delete(server, one.name)
        if decision.action in ("remove", "forget"):
            objects.pop(one.key, None)
        elif decision.action in ("create", "update") or record.owns(one.key):
            objects[one.key] = _hashes(of.find(server, one.name), decision, objects.get(one.key, {}))
        if decision.action != "forget":
            doing = _DOINGS[decision.action]
            write(
                {"event": doing, "kind": one.kind, "name": one.name, "text": f"{one.key} {doing}{_details(decision)}"}
            )
    after = Record(order.mark, order.image or record.image, objects, deployer=order.deployer)
    if replace(after, deployer=record.deployer, version=record.version) != record:
        _write_record(server, order.environment, after)


def _hashes(found: Fields | None, decision: Decision, before: Mapping[str, Hashes]) -> dict[str, Hashes]:
    """Hashes of an object after its change; those of fields of another user stay as they were."""
    one = decision.one
    if found is None:
        raise PrefectFailed(f"{one.key} was written, but Prefect does not return it")
    managed = {name: value for name, value in one.fields.items() if name not in INITIAL}
    new = {name: Hashes(hash_of(value), hash_of(found.get(name))) for name, value in managed.items()}
    return {name: before.get(name, hashes) if name in decision.kept else hashes for name, hashes in new.items()}


def _write_record(server: Server, environment: str, record: Record) -> None:
    body: Json = {
        "key": _key(environment),
        "type": "json",
        "description": f"Objects that FlowForge has deployed for the flows of {environment}. Do not edit.",
        "data": replace(record, version=uuid.uuid4().hex).to_json(),
    }
    server.send("POST", "/artifacts/", body, "the record of the flows")


def _key(environment: str) -> str:
    return f"flowforge-flows-{environment}"


def _details(decision: Decision) -> str:
    parts = [", ".join(decision.fields)] if decision.action == "update" else []
    parts += [f"left as it is: {', '.join(decision.kept)}"] if decision.kept else []
    parts += [decision.reason] if decision.reason else []
    return f": {'; '.join(parts)}" if parts else ""
