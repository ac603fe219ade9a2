"""The rows of a run: steps with their resources, fixed columns, no wrapping, drawn line by line.

Only the lines in sight are drawn, so that a thousand rows cost no more than twenty.
"""

from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from installer.progress import OVER, Progress, Row, StepRow
from screens.signs import clock, cut, sign

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
        Binding("up", "select(-1)", "select", show=False),
        Binding("down", "select(1)", "select", show=False),
        Binding("pageup", "select(-10)", show=False),
        Binding("pagedown", "select(10)", show=False),
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
        self._lines: list[Line] = []
        self._selected = ""
        self._critical: set[str] = set()

    def update(self, now: float) -> None:
        """Draw anew, once, whatever happened since the last time."""
        self.now = now
        self._lines = lines_of(self.progress, everything=self.everything)
        self._critical = self.progress.critical(now)
        self.virtual_size = Size(self.size.width, len(self._lines))
        failed = next((line for line in self._lines if line.row.state == "failed" and line.depth), None)
        failed = failed or next((line for line in self._lines if line.row.state == "failed"), None)
        if not self._selected and failed is not None:
            self._selected = failed.row.key
            self._show(self._index())
        self.refresh()

    def _index(self) -> int:
        return next((i for i, line in enumerate(self._lines) if line.row.key == self._selected and not line.folded), 0)

    def action_select(self, by: int) -> None:
        """Move the selection."""
        if self._lines:
            index = max(0, min(self._index() + by, len(self._lines) - 1))
            while self._lines[index].folded and 0 < index < len(self._lines) - 1:
                index += 1 if by > 0 else -1
            self._selected = self._lines[index].row.key
            self._show(index)
            self.refresh()

    def _show(self, index: int) -> None:
        self.scroll_to_region(Region(0, index, max(self.size.width, 1), 1), animate=False)

    def action_details(self) -> None:
        """Open what is selected."""
        if self._lines:
            self.post_message(self.Chosen(self._lines[self._index()]))

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        index = y + round(self.scroll_offset.y)
        width = self.size.width
        if index >= len(self._lines):
            return Strip.blank(width, self.rich_style)
        line = self._lines[index]
        selected = self.has_focus and not line.folded and index == self._index()
        style = self.rich_style + Style(reverse=selected, bold=line.row.state == "failed", dim=bool(line.folded))
        return Strip([Segment(self._text(line, width), style)], width)

    def _text(self, line: Line, width: int) -> str:
        row = line.row
        if line.folded:
            return cut(f"     {sign('done')} {line.folded} done", width).ljust(width)
        elapsed = clock(row.elapsed(self.now)) if row.began else ""
        usual = f"usual {clock(row.usual)}" if row.usual and row.state == "running" else ""
        slow = row.state == "running" and row.usual and row.elapsed(self.now) > 1.5 * row.usual + 2
        note = "slow" if slow else sign("critical") if line.depth == 0 and row.key in self._critical else ""
        timed = bool(row.began or note)
        room = width - (TIME_COLUMN + USUAL_COLUMN + NOTE_COLUMN + 4 if timed else 0)
        title = f"{' ' * (2 * line.depth)} {sign(row.state)} {self._title(line)}"
        return cut(f"{cut(title, room):<{room}}{elapsed:>{TIME_COLUMN}}  {usual:<{USUAL_COLUMN}}{note}", width).ljust(
            width
        )

    def _waited_for(self, step: StepRow) -> list[str]:
        """Titles of the steps that are not done yet."""
        needed = (self.progress.steps[need] for need in step.needs if need in self.progress.steps)
        return [need.title for need in needed if need.state not in OVER]

    def _title(self, line: Line) -> str:
        row = line.row
        if line.depth:
            kind = row.kind.rpartition("/")[2]
            text = f"  {row.text}" if row.state == "failed" else ""
            return f"{row.title} {kind}{text}" if kind else f"{row.title}  {row.text}"
        if row.state in ("failed", "blocked", "question", "stopped") and row.text:
            return f"{row.title}: {row.text}"
        if row.state == "waiting" and line.step.needs:
            return f"{row.title}  waits for {', '.join(self._waited_for(line.step))}"
        return row.title
