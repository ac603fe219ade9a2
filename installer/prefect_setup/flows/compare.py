"""Three-way comparison: the file now, Prefect now, and what FlowForge stored in Prefect last. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from installer.flow_project.objects import KINDS, FlowObject, Kind
from installer.jsontypes import Json
from installer.prefect_setup.flows.record import Hashes, Record, hash_of

INITIAL: Final = frozenset({"paused"})
"""Fields that a new object gets, and that belong to operators from then on."""
Action = Literal["create", "update", "unchanged", "remove", "keep", "forget"]
Fields = Mapping[str, Json]


@dataclass(frozen=True)
class Decision:
    """A decision about an object.

    Attributes:
        action: "keep" leaves an object of another user as it is; "forget" drops one from the record that is gone.
        one: The wanted object; of a removed one without fields.
        fields: Names of the fields to change.
        kept: Names of the fields that another user has changed, which are left as they are.
        reason: Why it is kept, or created again; "" if that is plain.

    """

    action: Action
    one: FlowObject
    fields: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    reason: str = ""


def decide(
    wanted: Sequence[FlowObject], found: Mapping[str, Fields | None], record: Record, take: Collection[str] = ()
) -> list[Decision]:
    """A decision for each wanted object, and for each one that was removed from the files; removals come last."""
    decisions = [_about(one, found.get(one.key), record, taken=one.key in take) for one in wanted]
    keys = {one.key for one in wanted}
    gone = [_parsed(key) for key in record.objects.keys() | record.pending if key not in keys]
    gone.sort(key=lambda one: (-KINDS.index(one.kind), one.name))
    return [*decisions, *(_removal(one, found.get(one.key), record, taken=one.key in take) for one in gone)]


def _about(one: FlowObject, found: Fields | None, record: Record, *, taken: bool) -> Decision:
    if found is None:
        again = "it was deleted in Prefect" if one.key in record.objects else ""
        return Decision("create", one, tuple(one.fields), reason=again)
    compared = {name: value for name, value in one.fields.items() if name not in INITIAL}
    different = [name for name, value in compared.items() if not matches(one.kind, name, value, found.get(name))]
    if taken:
        return Decision("update" if different else "unchanged", one, tuple(different))
    if not record.owns(one.key):
        reason = "it exists in Prefect, and FlowForge did not make it"
        return Decision("keep", one, kept=tuple(different), reason=reason) if different else Decision("unchanged", one)
    before = record.objects.get(one.key, {})
    theirs = tuple(name for name in different if name in before and before[name].stored != hash_of(found.get(name)))
    ours = tuple(name for name in different if name not in theirs)
    reason = _reason(one, theirs, before)
    return Decision("update" if ours else "keep" if theirs else "unchanged", one, ours, theirs, reason)


def _reason(one: FlowObject, theirs: tuple[str, ...], before: Mapping[str, Hashes]) -> str:
    if not theirs:
        return ""
    both = [name for name in theirs if before[name].wanted != hash_of(one.fields[name])]
    return f"changed in Prefect and in the files: {', '.join(both)}" if both else "changed in Prefect"


def _removal(one: FlowObject, found: Fields | None, record: Record, *, taken: bool) -> Decision:
    if found is None:
        return Decision("forget", one)
    before = record.objects.get(one.key, {})
    theirs = tuple(name for name, hashes in before.items() if hashes.stored != hash_of(found.get(name)))
    if theirs and not taken:
        return Decision("keep", one, kept=theirs, reason="it was removed from the files, but changed in Prefect since")
    return Decision("remove", one)


def _parsed(key: str) -> FlowObject:
    """The object of a key, without fields."""
    kind: Kind = next((one for one in KINDS if key.startswith(f"{one} ")), "deployment")
    return FlowObject(kind, key.removeprefix(f"{kind} "), {})


def matches(kind: Kind, name: str, wanted: Json, found: Json) -> bool:
    """Whether a stored field is the wanted one; Prefect adds defaults to triggers, actions and schedules."""
    return _same(wanted, found, loose=is_loose(kind, name))


def is_loose(kind: Kind, name: str) -> bool:
    """Whether Prefect adds defaults to a field."""
    return (kind in ("automation", "schedule") or name == "concurrency_options") and name not in ("parameters", "tags")


def _same(wanted: Json, found: Json, *, loose: bool) -> bool:
    if isinstance(wanted, dict) and isinstance(found, dict):
        names = wanted.keys() if loose else wanted.keys() | found.keys()
        return all(_same(wanted.get(name), found.get(name), loose=loose) for name in names)
    if isinstance(wanted, list) and isinstance(found, list):
        if loose:
            wanted, found = _ordered(wanted), _ordered(found)
        return len(wanted) == len(found) and all(_same(a, b, loose=loose) for a, b in zip(wanted, found, strict=True))
    if isinstance(wanted, bool) or isinstance(found, bool):
        return wanted is found
    return wanted == found


def _ordered(values: list[Json]) -> list[Json]:
    """Names in order: Prefect keeps those of a trigger as a set, and returns them in any order."""
    return sorted(values, key=str) if all(isinstance(one, str) for one in values) else values
