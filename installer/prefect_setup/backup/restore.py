"""Compares a Prefect server with the objects of a backup, and restores them.

Everything can be done again: an interrupted restore compares again, and finds the finished part as it is in the backup.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from installer.errors import PrefectFailed
from installer.flow_project.objects import FlowObject, Kind
from installer.json_access import as_list, as_object, as_text, member
from installer.jsontypes import Json
from installer.prefect_setup.backup.kinds import KINDS_OF_BACKUP, ORDER, SECRETS
from installer.prefect_setup.backup.order import BackupOrder
from installer.prefect_setup.backup.read import read_objects
from installer.prefect_setup.flows.compare import Decision, Fields, matches
from installer.prefect_setup.flows.server import Server
from installer.prefect_setup.flows.shown import shown

WriteLine = Callable[[dict[str, Json]], None]
Action = Literal["create", "update", "unchanged", "remove"]
FIXED: Final[Mapping[Kind, frozenset[str]]] = {
    "work pool": frozenset({"type"}),
    "block type": frozenset({"name"}),
    "deployment": frozenset({"labels"}),
    "block": frozenset({SECRETS}),
}
"""Fields that an existing object keeps: Prefect has no update of them (prefect/server/schemas/actions.py)."""
_DONE: Final = {"create": "created", "update": "updated", "unchanged": "unchanged", "remove": "removed"}
_PASSES: Final = 3
"""A queue that is created or moved changes the priorities of others, which a further comparison finds."""


@dataclass(frozen=True)
class Difference:
    """An object of the backup, or one that only the server has, and what is done with it.

    Attributes:
        found: Fields that the server has; None if it has no such object.
        fields: Names of the fields to change.
        fixed: Names of fields that differ and cannot be changed.
        secrets: Names of secrets that the server does not have, which have to be given again.

    """

    action: Action
    one: FlowObject
    found: Fields | None = None
    fields: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The object, with a line for each value that differs and for each secret to give again."""
        head = shown(Decision(self.action, self.one, self.fields, self.fixed), self.found)
        if self.action == "unchanged":
            head = head.replace("! ", "= ", 1)
        lines = [f"    {name}: a secret, to be given again" for name in self.secrets]
        return "\n".join([head, *lines])


def differences(server: Server, order: BackupOrder) -> list[Difference]:
    """The action of a restore for each object, in the order in which it takes place. Raises PrefectFailed."""
    now = {one.key: one for one in read_objects(server)}
    wanted = in_order(order.objects)
    found = [_difference(one, now[one.key].fields if one.key in now else _find(server, one)) for one in wanted]
    return [*found, *(_removals(now, order) if order.delete else ())]


def in_order(objects: Sequence[FlowObject]) -> list[FlowObject]:
    """The objects in an order in which Prefect accepts them: blocks that others refer to come first."""
    # A queue that is created takes a priority and moves the others: those of higher priority come first.
    by_kind = sorted(
        objects, key=lambda one: (ORDER.index(one.kind), str(one.fields.get("priority")).zfill(9), one.name)
    )
    waiting = {one.name: references(one.fields) for one in objects if one.kind == "block"}
    places: dict[str, int] = {}
    while waiting:
        ready = [name for name, others in waiting.items() if not others & waiting.keys() - {name}]
        for name in ready or list(waiting):  # Prefect has no blocks that refer to each other, but files may
            places[name] = len(places)
            del waiting[name]
    blocks = iter(sorted((one for one in by_kind if one.kind == "block"), key=lambda one: places[one.name]))
    return [next(blocks) if one.kind == "block" else one for one in by_kind]


def references(fields: Fields) -> set[str]:
    """Names of the blocks that a block refers to."""
    return {as_text(member(value, "$ref")) for value in as_object(fields.get("data")).values()} - {""}


def _find(server: Server, one: FlowObject) -> Fields | None:
    """An object that reading leaves out, such as a block type without blocks."""
    return KINDS_OF_BACKUP[one.kind].find(server, one.name)


def _difference(one: FlowObject, found: Fields | None) -> Difference:
    secrets = tuple(as_text(name) for name in as_list(one.fields.get(SECRETS))) if one.kind == "block" else ()
    if found is None:
        return Difference("create", one, fields=tuple(one.fields), secrets=secrets)
    different = [name for name, value in one.fields.items() if not matches(one.kind, name, value, found.get(name))]
    fixed = tuple(name for name in different if name in FIXED.get(one.kind, ()) and name != SECRETS)
    fields = tuple(name for name in different if name not in FIXED.get(one.kind, ()))
    missing = tuple(name for name in secrets if name not in as_list(found.get(SECRETS)))
    return Difference("update" if fields else "unchanged", one, found, fields, fixed, missing)


def _removals(now: Mapping[str, FlowObject], order: BackupOrder) -> list[Difference]:
    """Objects that only the server has; those that FlowForge registers stay, and what goes with another object is not named."""
    wanted = {one.key for one in order.objects}
    gone = [one for one in now.values() if one.key not in wanted and not _is_own(one, order.own)]
    going = {one.key for one in gone}
    with_another = {
        one.key
        for one in gone
        if (one.kind == "work queue" and f"work pool {one.name.partition('/')[0]}" in going)
        or (one.kind == "schedule" and f"deployment {one.name.rpartition('#')[0]}" in going)
    }
    # The default queue of a pool cannot be deleted (prefect/server/models/workers.py, delete_work_queue).
    kept = {one.key for one in gone if one.kind == "work queue" and one.name.endswith("/default")}
    last_first = reversed(in_order(gone))
    return [
        Difference("remove", FlowObject(one.kind, one.name, {}), one.fields)
        for one in last_first
        if one.key not in with_another | kept
    ]


def _is_own(one: FlowObject, own: Sequence[str]) -> bool:
    """Whether FlowForge registers an object, or one that belongs to it. Its deployments are known without their flow."""
    if one.kind in ("deployment", "schedule"):
        name = one.name.rpartition("#")[0] if one.kind == "schedule" else one.name
        return f"deployment {name.partition('/')[2]}" in own
    return one.key in own


def compare(server: Server, order: BackupOrder, write: WriteLine) -> dict[str, Json]:
    """Write a line for each object that differs; returns the numbers by action. Raises PrefectFailed."""
    found = differences(server, order)
    for one in found:
        if one.action != "unchanged" or one.fixed or one.secrets:
            secrets: Json = list(one.secrets)
            write(
                {"diff": one.action, "kind": one.one.kind, "name": one.one.name, "text": one.text, "secrets": secrets}
            )
    return _numbers(found)


def apply(server: Server, order: BackupOrder, write: WriteLine) -> dict[str, Json]:
    """Restore, and write a line for each object; returns the numbers by action.

    Raises PrefectFailed if Prefect refuses, or the server still differs afterwards.
    """
    first = found = differences(server, order)
    changed: dict[str, Action] = {}
    for _ in range(_PASSES):
        for one in found:
            if one.action != "unchanged":
                _carry_out(server, one)
                changed.setdefault(one.one.key, one.action)
        found = differences(server, order)
        if all(one.action == "unchanged" for one in found):
            break
    else:
        left = "; ".join(f"{one.one.key} ({', '.join(one.fields)})" for one in found if one.action != "unchanged")
        raise PrefectFailed(f"these objects were restored, but the server still shows other values of them: {left}")
    missing = {one.one.key: one.secrets for one in found}
    for one in first:
        doing = _DONE[changed.get(one.one.key, "unchanged")]
        secrets = missing.get(one.one.key, ())
        text = f"{one.one.key} {doing}" + (f"; to be given again: {', '.join(secrets)}" if secrets else "")
        write(
            {"event": doing, "kind": one.one.kind, "name": one.one.name, "text": text, "secrets": list[Json](secrets)}
        )
    return _numbers(first)


def _carry_out(server: Server, difference: Difference) -> None:
    one, of = difference.one, KINDS_OF_BACKUP[difference.one.kind]
    if difference.action == "create":
        of.create(server, one)
    elif difference.action == "update":
        of.update(server, one, {name: one.fields[name] for name in difference.fields})
    else:
        of.delete(server, one.name)


def _numbers(found: list[Difference]) -> dict[str, Json]:
    return {action: sum(one.action == action for one in found) for action in _DONE}


def work_on_backup(server: Server, order: BackupOrder, write: WriteLine) -> dict[str, Json]:
    """Compare or restore, as ordered; returns the numbers by action. Raises PrefectFailed."""
    return apply(server, order, write) if order.mode == "apply" else compare(server, order, write)
