"""Check: changes of an existing installation that Azure does not make, and what the new answers leave over.

The former answers are those that the last run recorded in Azure; they are compared with the table of immutable properties. Without
such a record, what exists already is compared itself (unrecorded.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.answers.draft import flatten
from installer.conventions.address_ranges import AddressError
from installer.estate.changes import Changes, responsible
from installer.preflight.live import Live
from installer.preflight.model import Check, Finding, NotChecked, Proof, WayOut
from installer.preflight.unrecorded import unrecorded
from installer.steps.changed_answers import changes_from, existing, former_answers, left_over_sentences

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.answers.model import Answers
    from installer.preflight.model import Entry
    from installer.preflight.subject import Subject


def _entries(subject: Subject) -> Iterator[Entry]:
    if subject.surveyed:
        yield NotChecked("changes of an existing installation", "a survey has no deployments")
        return
    live, new = Live(subject.arm, subject.it.subscription), subject.answers
    former = subject.former or former_answers(live, new)
    if former is None:
        yield from unrecorded(subject)
        return
    try:
        changes = changes_from(former, new)
    except AddressError as problem:  # the former answers may be older than a rule
        yield NotChecked("changes of an existing installation", str(problem))
        return
    if changes != Changes():
        changes = existing(live, changes, live.outputs(new))
    yield from _findings(former, new, changes)


def _findings(former: Answers, new: Answers, found: Changes) -> Iterator[Entry]:
    before = flatten(former)
    for moved in found.moved:
        yield Finding(
            "blocks",
            moved.sentence(),
            moved.server.id,
            "a run moves no data: the other server would have empty databases",
        )
    back = tuple(
        WayOut("set the former answer back", ((key, before[key]),))  # type: ignore[arg-type]  # flattened answers are JSON
        for key in (responsible(former, new, found.blocked) if found.blocked else ())
    )
    for blocked in found.blocked:
        yield Finding("blocks", blocked.sentence(), blocked.id, "a run sends nothing", back, blocked.rule.code)
    for sentence in left_over_sentences(found.left_over):
        yield Finding(
            "warns", f"no longer wanted: {sentence}", new.subscription.subscription, "the answers no longer need it"
        )
    if not (found.moved or found.blocked):
        yield Proof("Azure makes every change of the answers")


CHANGES: Final = Check("changes", "Changes", _entries)
