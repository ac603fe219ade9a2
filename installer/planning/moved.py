"""Facts that have moved between a sealed plan and the same plan made now, without what FlowForge itself has done since.

A run of a sealed plan may be interrupted after half of it. Then the plan still binds: a stage that a run of this plan has deployed
since has what was approved, so that its changes are no longer to be made, and names that follow from it are known. Whatever differs
from the approved plan otherwise was moved by others, also by runs of FlowForge without this plan.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.json_access import as_object
from installer.planning.branch import shown
from installer.planning.digest import WITHOUT_FACTS, facts
from installer.sanitize import printable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from installer.jsontypes import Json
    from installer.planning.model import Change

_DONE_BY_A_RUN: Final = frozenset({"create", "change", "replace", "unknown", "wait"})
"""Planned words that become "same" once a run has done them."""
_Subject = tuple[str, str, str, str]


def deployed_since(before: Mapping[str, str] | None, now: Mapping[str, str]) -> frozenset[str]:
    """Stages that FlowForge has deployed since a plan, by the deployments that it knew; none if it did not record them."""
    return frozenset(key for key, mark in now.items() if before.get(key) != mark) if before is not None else frozenset()


def moved_facts(before: Iterable[Change], now: Iterable[Change], stages: Collection[str]) -> Iterator[str]:
    """A sentence for each fact that others have moved.

    Args:
        before: Changes of the sealed plan.
        now: Those of the plan made now.
        stages: Stages that runs of the sealed plan have deployed since.

    """
    planned = {one.id.lower(): one for one in before if one.change not in WITHOUT_FACTS}
    found = {one.id.lower(): one for one in now if one.change not in WITHOUT_FACTS}
    known = _known_now(planned, found) if stages else {}
    was, will = facts(planned.values()), facts(found.values())
    for key in sorted({*planned, *found} - set(known.values())):
        other = known.get(key, key)
        if was.get(key) == will.get(other):
            continue
        if not _own(planned.get(key), found.get(other), stages):
            yield from _moved(key, as_object(was.get(key)), as_object(will.get(other)))


def _known_now(planned: Mapping[str, Change], found: Mapping[str, Change]) -> dict[str, str]:
    """IDs that have become known: that of the plan with a placeholder, and the real one.

    The name of a role assignment follows from the ID of an identity, that of a DNS record from an address: neither exists
    before its stage is deployed.
    """
    gone = {_subject(one): key for key, one in planned.items() if key not in found}
    new = {_subject(one): key for key, one in found.items() if key not in planned}
    return {key: new[subject] for subject, key in gone.items() if subject in new}


def _subject(one: Change) -> _Subject:
    kind = "" if one.family == "dns" else one.type.lower()
    return one.family, one.stage, kind, one.shown


def _own(before: Change | None, after: Change | None, stages: Collection[str]) -> bool:
    """Whether a run has done what was planned."""
    if after is None and before is not None and before.change == "delete":
        return bool(stages)  # steps that delete come after those that deploy
    stage = before or after
    if stage is None or not (stage.stage in stages if stage.family in ("azure", "secret") else stages):
        return False
    if after is None or after.change != "same" or after.properties:
        return False
    return before is None or before.change in _DONE_BY_A_RUN


def _moved(resource: str, before: Mapping[str, Json], after: Mapping[str, Json]) -> Iterator[str]:
    was, will = as_object(before.get("properties")), as_object(after.get("properties"))
    paths = [path for path in sorted({*was, *will}) if was.get(path, ...) != will.get(path, ...)]
    for path in paths:
        planned, found = as_object(was.get(path)), as_object(will.get(path))
        told = f"{shown(planned.get('before'))} → {shown(found.get('before'))}" if planned and found else ""
        words = told or ("differs now" if path in will else "no longer differs")
        yield printable(f"{resource}: {path}: {words}")
    if not paths and before.get("change") != after.get("change"):
        planned_word, word = before.get("change", "not in the plan"), after.get("change", "not in the plan")
        yield printable(f"{resource}: planned: {planned_word}, now: {word}")
