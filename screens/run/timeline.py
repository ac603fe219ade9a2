"""Timeline of a run: a bar for each step, in proportion to the time of the whole run, at any width."""

from collections.abc import Callable, Iterator
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget

from installer.durations import clock
from installer.engine.progress import Progress
from installer.engine.progress_rows import StepRow
from screens.base.glyphs import cells, fit, glyph
from screens.base.states import LOOKS
from screens.run.row_columns import Part
from screens.run.shell import RunPage

SIGN_CELLS: Final = 4
"""The sign of a state before a title, and the spaces around it."""
TIME_CELLS: Final = 8
REPAINT_SECONDS: Final = 0.5


def timeline_rows(progress: Progress, width: int, now: float) -> Iterator[tuple[Part, ...]]:
    """A scale, then a row for each step: title, bar from its begin to its end, duration.

    Steps that an earlier attempt has done have no bar: hours may lie between attempts.
    """
    titles = max((cells(step.title) for step in progress.steps.values()), default=0)
    title_cells = min(titles + SIGN_CELLS, width * 2 // 5)
    room = max(width - title_cells - TIME_CELLS - 1, 10)
    end = progress.ended or now
    if progress.state == "running":
        end += progress.left(now).usual
    whole = max(end - progress.began, 1.0)
    yield ((" " * title_cells, ""), (_scale(room, whole), "text-muted"))
    for step in progress.steps.values():
        look = LOOKS[step.state]
        title = (fit(f" {look.sign} {step.title}", title_cells), look.colour if step.state != "done" else "")
        if not step.began:
            yield (title, (fit(look.word if step.state != "waiting" else "", room), "text-muted"))
        elif step.began < progress.began:
            yield (title, (fit("in an earlier attempt", room), "text-muted"))
        else:
            yield (title, *_bar(step, progress, room, whole, now))


def _bar(step: StepRow, progress: Progress, room: int, whole: float, now: float) -> Iterator[Part]:
    """Space, bar, the expected rest of a running step, space, duration."""
    scale = room / whole
    first = min(int((step.began - progress.began) * scale), room - 1)
    length = max(min(round(step.elapsed(now) * scale), room - first), 1)
    rest = 0
    if step.state == "running":
        rest = max(min(round(step.left(now, progress.pace(now)).usual * scale), room - first - length), 0)
    yield (" " * first, "")
    yield (glyph("row full") * length, LOOKS[step.state].colour)
    yield (glyph("row empty") * rest, "text-muted")
    yield (" " * (room - first - length - rest), "")
    yield (f"{clock(step.elapsed(now)):>{TIME_CELLS}}", "")


def _scale(room: int, whole: float) -> str:
    """Times at the quarters of the run, each at its place."""
    line = [" "] * room
    for quarter in range(5):
        text = clock(whole * quarter / 4)
        at = min(room * quarter // 4, room - len(text))
        line[at : at + len(text)] = text
    return "".join(line)


class TimelineChart(Widget):
    """The rows, drawn for the width that the widget has."""

    def __init__(self, progress: Progress, now: Callable[[], float], *, id: str) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id)
        self._progress = progress
        self._now = now

    def render(self) -> Content:
        """A line for each row."""
        rows = timeline_rows(self._progress, self.size.width, self._now())
        return Content("\n").join(_content(row) for row in rows)


class TimelinePage(RunPage):
    """The timeline, live while the run continues."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,t", "close", "back", key_display="Esc")]
    HELP_ROWS = 1
    page_key = "live"

    def __init__(self, progress: Progress, now: Callable[[], float]) -> None:
        super().__init__()
        self._progress = progress
        self._now = now

    def body(self) -> ComposeResult:
        """The rows."""
        with VerticalScroll(id="timeline"):
            yield TimelineChart(self._progress, self._now, id="timeline-rows")

    def on_mount(self) -> None:
        """Draw twice a second; a new size needs no call."""
        self.set_help("Bars run from the begin to the end of each step; the light part is still expected.")
        self.set_focus(self.query_one("#timeline"))
        self.set_interval(REPAINT_SECONDS, self.query_one(TimelineChart).refresh)

    def action_close(self) -> None:
        """Return to the page below."""
        self.app.pop_screen()


def _content(row: tuple[Part, ...]) -> Content:
    return Content.assemble(*((text, f"${colour}" if colour else "") for text, colour in row))
