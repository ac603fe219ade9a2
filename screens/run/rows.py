"""Rows of a run: steps and their resources in fixed columns, without wrapping, drawn line by line.

Only visible lines are drawn, so that a thousand rows cost no more than twenty.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from installer.durations import clock
from installer.engine.progress import Progress
from installer.engine.progress_rows import ENDED_STATES, Row, StepRow
from screens.base.glyphs import fit, glyph

PLAIN = Style()
TIME_COLUMN, USUAL_COLUMN, NOTE_COLUMN = 7, 14, 12


@dataclass(frozen=True)
class Line:
    """A line of the list: a step, one of its resources, or the number of folded resources."""

    row: Row
    step: StepRow
    depth: int
    folded: int = 0


def lines_of(progress: Progress, *, everything: bool = False) -> list[Line]:
    """The lines in order. Resources of a step: failed first, then running; those that are done fold into a count."""
    found: list[Line] = []
    for step in progress.steps.values():
        found.append(Line(step, step, 0))
        if step.state in ("waiting", "blocked", "same") and not everything:
            continue
        resources = list(step.resources.values())
        failed = [row for row in resources if row.state == "failed"]
        running = [row for row in resources if row.state not in ENDED_STATES]
        done = [row for row in resources if row.state in ENDED_STATES and row.state != "failed"]
        shown = [*failed, *running, *(done if everything else [])]
        found += [Line(row, step, 1) for row in shown]
        if done and not everything and step.state not in ENDED_STATES:
            found.append(Line(done[-1], step, 1, folded=len(done)))
    return found


class Rows(ScrollView, can_focus=True):
    """List of a run's rows with a cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "select(1)", "select", key_display="↑↓"),
        Binding("up", "select(-1)", "select", show=False),
        Binding("pageup", "select(-10)", show=False),
        Binding("pagedown", "select(10)", show=False),
        Binding("home", "select(-9999)", show=False),
        Binding("end", "select(9999)", show=False),
        Binding("enter", "details", "details"),
    ]

    class DetailsRequested(Message):
        """Posted when Enter is pressed on a line."""

        def __init__(self, line: Line) -> None:
            super().__init__()
            self.line = line

    def __init__(self, progress: Progress, *, id: str) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id)
        self.progress = progress
        self.now = 0.0
        self.everything = False
        self.repaints = 0
        self._index = 0
        self._lines: list[Line] = []
        self._selected = ""
        self._failed = ""
        self._moved = False
        self._critical: list[str] = []
        self._lost: set[str] = set()
        self._rendered: list[tuple[str, Style]] = []

    @property
    def shown(self) -> tuple[Line, ...]:
        """All lines, visible or not."""
        return tuple(self._lines)

    @property
    def selected(self) -> Line | None:
        """The line under the cursor."""
        return self._lines[self._index] if self._lines else None

    def update(self, now: float) -> None:
        """Redraw once for everything that happened since the last update."""
        self.now = now
        self.repaints += 1
        self._lines = lines_of(self.progress, everything=self.everything)
        self._critical = self.progress.critical(now)
        self._lost = self.progress.lost()
        self.virtual_size = Size(self.size.width, len(self._lines))
        failed = first_failure(self._lines)
        if failed is not None and failed.row.key != self._failed and not self._moved:
            self._failed = failed.row.key
            self._selected = failed.row.key
        elif not self._moved and not self._failed:  # without a choice by the user, follow what is running
            running = next((line for line in self._lines if line.row.state in ("running", "question")), None)
            self._selected = running.row.key if running else self._selected
        found = next((i for i, line in enumerate(self._lines) if line.row.key == self._selected and not line.folded), 0)
        if found != self._index:
            self._index = found
            self._show()
        self._refresh_changed()

    def _refresh_changed(self) -> None:
        """Redraw only rows that have changed: the terminal may be at the end of a slow connection."""
        rendered = [self._rendered_row(y) for y in range(self.size.height)]
        if len(rendered) != len(self._rendered):
            self.refresh()
        else:
            for y, row in enumerate(rendered):
                if row != self._rendered[y]:
                    self.refresh(Region(0, y, self.size.width, 1))
        self._rendered = rendered

    def action_select(self, by: int) -> None:
        """Move the cursor, skipping counts of folded rows."""
        usable = [index for index, line in enumerate(self._lines) if not line.folded]
        if usable:
            here = usable.index(self._index) if self._index in usable else 0
            self._index = usable[max(0, min(here + by, len(usable) - 1))]
            self._selected = self._lines[self._index].row.key
            self._moved = True
            self._show()
            self.refresh()

    def _show(self) -> None:
        self.scroll_to_region(Region(0, self._index, max(self.size.width, 1), 1), animate=False)

    def action_details(self) -> None:
        """Open the details of the selected line."""
        if self.selected is not None:
            self.post_message(self.DetailsRequested(self.selected))

    def render_line(self, y: int) -> Strip:
        """One row of the screen."""
        text, style = self._rendered_row(y)
        return Strip([Segment(text, self.rich_style + style)])

    def _rendered_row(self, y: int) -> tuple[str, Style]:
        """Text and style of a row of the screen."""
        index = y + round(self.scroll_offset.y)
        width = self.scrollable_content_region.width
        if index >= len(self._lines):
            return " " * width, PLAIN
        line = self._lines[index]
        selected = self.has_focus and not line.folded and index == self._index
        style = Style(reverse=selected, bold=line.row.state == "failed", dim=bool(line.folded))
        return self._text(line, width), style

    def _text(self, line: Line, width: int) -> str:
        row = line.row
        if line.folded:
            return fit(f"     {glyph('done')} {line.folded} done", width)
        elapsed = clock(row.elapsed(self.now)) if row.began else ""
        usual = f"usual {clock(row.usual)}" if row.usual >= 1 and row.state == "running" else ""
        critical = line.depth == 0 and row.key in self._critical
        note = self._note(row, critical=critical)
        lost = row.state == "waiting" and row.key in self._lost
        title = f"{' ' * (2 * line.depth)} {glyph('blocked' if lost else row.state)} {self._title(line)}"
        if row.state == "failed" or not row.began:  # the message matters more than the columns
            return fit(title, width - NOTE_COLUMN) + fit(note, NOTE_COLUMN) if note else fit(title, width)
        room = width - (TIME_COLUMN + USUAL_COLUMN + NOTE_COLUMN + 2)
        return fit(f"{fit(title, room)}{elapsed:>{TIME_COLUMN}}  {usual:<{USUAL_COLUMN}}{note}", width)

    def _note(self, row: Row, *, critical: bool) -> str:
        """Note that a row is slow or on the critical path; "" otherwise."""
        if row.slow(self.now):
            return f"{glyph('chain')} slow" if critical else "slow"
        if not critical:
            return ""
        return glyph("critical") if row.state in ("running", "question") else glyph("chain")

    def _waited_for(self, step: StepRow) -> list[str]:
        """Titles of the needed steps that are not done yet; only those that cannot finish, if there are any."""
        needed = [self.progress.steps[need] for need in step.needs if need in self.progress.steps]
        lost = [need.title for need in needed if need.key in self._lost]
        return lost or [need.title for need in needed if need.state not in ENDED_STATES]

    def _title(self, line: Line) -> str:
        row = line.row
        if line.depth:
            if row.state == "failed":
                return f"{row.title}: {row.text}"
            return f"{row.title} {row.kind.rpartition('/')[2] or row.text}"
        if row.state in ("failed", "blocked", "question", "stopped") and row.text:
            return f"{row.title}: {row.text}"
        if row.state == "waiting" and line.step.needs:
            return f"{row.title}  waits for {', '.join(self._waited_for(line.step)) or 'a free slot'}"
        return row.title


def first_failure(lines: Sequence[Line]) -> Line | None:
    """The first failed resource, or else the first failed step."""
    failed = [line for line in lines if line.row.state == "failed"]
    return next((line for line in failed if line.depth), failed[0] if failed else None)
