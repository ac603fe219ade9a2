"""The rows of a run: steps with their resources, fixed columns, no wrapping, drawn line by line.

Only the lines in sight are drawn, so that a thousand rows cost no more than twenty.
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
from installer.engine.progress_rows import OVER, Row, StepRow
from screens.base.glyphs import fit, sign

PLAIN = Style()
TIME_COLUMN, USUAL_COLUMN, NOTE_COLUMN = 7, 14, 12


@dataclass(frozen=True)
class Line:
    """A line that is shown: a step, a resource of it, or a count of folded ones."""

    row: Row
    step: StepRow
    depth: int
    folded: int = 0


def lines_of(progress: Progress, *, everything: bool = False) -> list[Line]:
    """The lines in order: of a step what failed first, then what runs; what is done is folded into a count."""
    found: list[Line] = []
    for step in progress.steps.values():
        found.append(Line(step, step, 0))
        if step.state in ("waiting", "blocked", "same") and not everything:
            continue
        resources = list(step.resources.values())
        failed = [row for row in resources if row.state == "failed"]
        running = [row for row in resources if row.state not in OVER]
        done = [row for row in resources if row.state in OVER and row.state != "failed"]
        shown = [*failed, *running, *(done if everything else [])]
        found += [Line(row, step, 1) for row in shown]
        if done and not everything and step.state not in OVER:
            found.append(Line(done[-1], step, 1, folded=len(done)))
    return found


class Rows(ScrollView, can_focus=True):
    """The list of a run's rows with a selection."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "select(1)", "select", key_display="↑↓"),
        Binding("up", "select(-1)", "select", show=False),
        Binding("pageup", "select(-10)", show=False),
        Binding("pagedown", "select(10)", show=False),
        Binding("home", "select(-9999)", show=False),
        Binding("end", "select(9999)", show=False),
        Binding("enter", "details", "details"),
    ]

    class Chosen(Message):
        """Enter was pressed on a line."""

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
        self._picture: list[tuple[str, Style]] = []

    @property
    def shown(self) -> tuple[Line, ...]:
        """The lines, in sight or not."""
        return tuple(self._lines)

    @property
    def selected(self) -> Line | None:
        """The line under the cursor."""
        return self._lines[self._index] if self._lines else None

    def update(self, now: float) -> None:
        """Draw anew, once, whatever happened since the last time."""
        self.now = now
        self.repaints += 1
        self._lines = lines_of(self.progress, everything=self.everything)
        self._critical = self.progress.critical(now)
        self._lost = self.progress.lost()
        self.virtual_size = Size(self.size.width, len(self._lines))
        failed = worst(self._lines)
        if failed is not None and failed.row.key != self._failed and not self._moved:
            self._failed = failed.row.key
            self._selected = failed.row.key
        elif not self._moved and not self._failed:  # nobody has chosen: what runs is in sight
            running = next((line for line in self._lines if line.row.state in ("running", "question")), None)
            self._selected = running.row.key if running else self._selected
        found = next((i for i, line in enumerate(self._lines) if line.row.key == self._selected and not line.folded), 0)
        if found != self._index:
            self._index = found
            self._show()
        self._refresh_changed()

    def _refresh_changed(self) -> None:
        """Only rows that look different are sent to the terminal, which may be at the end of a slow line."""
        picture = [self._look(y) for y in range(self.size.height)]
        if len(picture) != len(self._picture):
            self.refresh()
        else:
            for y, look in enumerate(picture):
                if look != self._picture[y]:
                    self.refresh(Region(0, y, self.size.width, 1))
        self._picture = picture

    def action_select(self, by: int) -> None:
        """Move the selection; counts of folded rows are passed over."""
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
        """Open what is selected."""
        if self.selected is not None:
            self.post_message(self.Chosen(self.selected))

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        text, style = self._look(y)
        return Strip([Segment(text, self.rich_style + style)])

    def _look(self, y: int) -> tuple[str, Style]:
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
            return fit(f"     {sign('done')} {line.folded} done", width)
        elapsed = clock(row.elapsed(self.now)) if row.began else ""
        usual = f"usual {clock(row.usual)}" if row.usual >= 1 and row.state == "running" else ""
        critical = line.depth == 0 and row.key in self._critical
        note = self._note(row, critical=critical)
        lost = row.state == "waiting" and row.key in self._lost
        title = f"{' ' * (2 * line.depth)} {sign('blocked' if lost else row.state)} {self._title(line)}"
        if row.state == "failed" or not row.began:  # what is said matters more than the columns
            return fit(title, width - NOTE_COLUMN) + fit(note, NOTE_COLUMN) if note else fit(title, width)
        room = width - (TIME_COLUMN + USUAL_COLUMN + NOTE_COLUMN + 2)
        return fit(f"{fit(title, room)}{elapsed:>{TIME_COLUMN}}  {usual:<{USUAL_COLUMN}}{note}", width)

    def _note(self, row: Row, *, critical: bool) -> str:
        """Slower than such things are, on the longest chain, or nothing to note."""
        if row.slow(self.now):
            return f"{sign('chain')} slow" if critical else "slow"
        if not critical:
            return ""
        return sign("critical") if row.state in ("running", "question") else sign("chain")

    def _waited_for(self, step: StepRow) -> list[str]:
        """Titles of the steps that are not done yet; where some never will be by themselves, of those."""
        needed = [self.progress.steps[need] for need in step.needs if need in self.progress.steps]
        lost = [need.title for need in needed if need.key in self._lost]
        return lost or [need.title for need in needed if need.state not in OVER]

    def _title(self, line: Line) -> str:
        row = line.row
        if line.depth:
            if row.state == "failed":
                return f"{row.title}: {row.text}"
            return f"{row.title} {row.kind.rpartition('/')[2] or row.text}"
        if row.state in ("failed", "blocked", "question", "stopped") and row.text:
            return f"{row.title}: {row.text}"
        if row.state == "waiting" and line.step.needs:
            return f"{row.title}  waits for {', '.join(self._waited_for(line.step)) or 'a free hand'}"
        return row.title


def worst(lines: Sequence[Line]) -> Line | None:
    """The line that a failure is looked for at first: a resource that failed, or else a step that did."""
    failed = [line for line in lines if line.row.state == "failed"]
    return next((line for line in failed if line.depth), failed[0] if failed else None)
