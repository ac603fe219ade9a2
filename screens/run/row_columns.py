"""Columns of the list of a run: as many as its width holds, from title and times to a bar and the resource type.

A row is a sequence of parts, each with the variable of its colour, so that a renderer needs no knowledge of rows.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from installer.durations import clock
from installer.engine.progress import Progress
from installer.engine.progress_rows import ENDED_STATES, Row, StepRow
from installer.estate.resource_type_names import type_name
from screens.base.glyphs import fit, glyph
from screens.base.states import LOOKS
from screens.run.row_lines import Line

TIME_COLUMN, USUAL_COLUMN, NOTE_COLUMN = 7, 15, 12
MIN_BAR_WIDTH: Final = 94
"""Width of the list from which on each row has a bar."""
MIN_TYPE_WIDTH: Final = 140
"""Width of the list from which on the type of a resource has its column."""
Part = tuple[str, str]
"""Text and the variable of its colour, "" for that of the list."""


@dataclass(frozen=True)
class Columns:
    """Widths in cells; 0 for a column that is not shown.

    Attributes:
        width: of the whole row.
        kind: type of a resource.
        bar: elapsed against usual time.

    """

    width: int
    kind: int
    bar: int

    @property
    def title(self) -> int:
        """The rest of the row."""
        return self.width - self.kind - self.bar - TIME_COLUMN - USUAL_COLUMN - NOTE_COLUMN


def columns_of(width: int) -> Columns:
    """The columns of a list of this width."""
    kind = 30 if width >= MIN_TYPE_WIDTH else 0
    bar = min(width // 7, 26) if width >= MIN_BAR_WIDTH else 0
    return Columns(width, kind, bar)


@dataclass(frozen=True)
class Marks:
    """Steps with a mark.

    Attributes:
        critical: keys of the longest chain of steps, in order.
        lost: keys of the steps that cannot finish.

    """

    critical: Sequence[str] = ()
    lost: Collection[str] = ()


def row_parts(line: Line, progress: Progress, marks: Marks, columns: Columns, now: float) -> tuple[Part, ...]:
    """A row in exactly the width of its columns."""
    row, muted = line.row, "text-muted"
    if line.folded:
        return ((fit(f"     {glyph('done')} {line.folded} done", columns.width), muted),)
    lost = row.state == "waiting" and row.key in marks.lost
    state = "blocked" if lost else row.state
    colour = LOOKS[state].colour
    sign = (f"{' ' * (2 * line.depth)} {LOOKS[state].sign} ", colour)
    note = _note(row, critical=line.depth == 0 and row.key in marks.critical, now=now)
    note_colour = "text-warning" if note.endswith("slow") else "text-accent"
    title_colour = colour if state in ("failed", "question") else muted if state in ("waiting", "blocked") else ""
    if row.state == "failed" or not row.began:  # the message matters more than the columns
        room = columns.width - (NOTE_COLUMN if note else 0) - len(sign[0])
        title = (fit(_title(line, progress, marks, now, kind=True), room), title_colour)
        return (sign, title, *([(fit(note, NOTE_COLUMN), note_colour)] if note else []))
    usual = f"usual {clock(row.usual)}" if row.usual >= 1 and row.state in ("running", "question") else ""
    bar = () if _is_idle(row) and not columns.kind else _bar(row, columns.bar, now)  # a title may use the room of a bar
    room = columns.title - len(sign[0]) + (0 if bar else columns.bar)
    title = (fit(_title(line, progress, marks, now, kind=not columns.kind), room), title_colour)
    kind = fit(_kind(row) if line.depth else "", columns.kind)
    return (
        sign,
        title,
        (kind, muted),
        *bar,
        (f"{clock(row.elapsed(now)):>{TIME_COLUMN}}", ""),
        (fit(f"  {usual}", USUAL_COLUMN), muted),
        (fit(note, NOTE_COLUMN), note_colour),
    )


def _is_idle(row: Row) -> bool:
    """Whether a row has no bar: it is not under way, or its usual time is unknown."""
    return row.usual < 1 or row.state not in ("running", "question")


def _bar(row: Row, width: int, now: float) -> tuple[Part, ...]:
    """Time worked against the usual time, for what is under way; beyond that it is full, in the colour of a warning."""
    if not width:
        return ()
    if _is_idle(row):
        return ((" " * width, ""),)
    room = width - 2
    full = min(round(room * row.worked(now) / row.usual), room)
    colour = "text-warning" if row.slow(now) or row.state == "question" else "text-accent"
    return ((" " + glyph("row full") * full, colour), (glyph("row empty") * (room - full) + " ", "rule"))


def _note(row: Row, *, critical: bool, now: float) -> str:
    """Note that a row is slow or on the critical path; "" otherwise."""
    if row.slow(now):
        return f"{glyph('chain')} slow" if critical else "slow"
    if not critical:
        return ""
    return glyph("critical") if row.state in ("running", "question") else glyph("chain")


def _waited_for(step: StepRow, progress: Progress, lost: Collection[str]) -> list[str]:
    """Titles of the needed steps that are not done yet; only those that cannot finish, if there are any."""
    needed = [progress.steps[need] for need in step.needs if need in progress.steps]
    hopeless = [need.title for need in needed if need.key in lost]
    return hopeless or [need.title for need in needed if need.state not in ENDED_STATES]


def _kind(row: Row) -> str:
    return type_name(row.kind) or row.text


def _title(line: Line, progress: Progress, marks: Marks, now: float, *, kind: bool) -> str:
    """Title of a row with the word of its state where a sign is not enough; `kind`: with the type of a resource."""
    row = line.row
    if line.depth:
        if row.state == "failed":
            return f"{row.title}: {row.text}"
        return f"{row.title} {_kind(row)}" if kind else row.title
    if row.state in ("failed", "blocked", "question", "stopped") and row.text:
        return f"{row.title}: {row.text}"
    if again := line.step.retry_text(now):
        return f"{row.title}  {again}"
    if row.state == "waiting" and line.step.needs:
        waited = ", ".join(_waited_for(line.step, progress, marks.lost))
        return f"{row.title}  waits for {waited or 'a free slot'}"
    return row.title
