"""The live page of a run: its progress, the time left, and what needs attention."""

from collections import deque
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input, Log, Static

from installer.durations import clock
from installer.engine.lines import line as event_line
from installer.engine.progress import time_left
from screens.base.dialogs import HelpDialog
from screens.base.glyphs import NOTHING_FOUND, cells, glyph, one_line, truncate
from screens.base.states import LOOKS, style_of
from screens.run.details import DetailsDialog
from screens.run.help_texts import LIVE
from screens.run.log_pane import RunLog
from screens.run.object_keys import copy_id, id_of, open_in_portal
from screens.run.question_page import QuestionPage
from screens.run.question_pane import QuestionPane
from screens.run.retry import CHANGE_KEY, ShownRun
from screens.run.rows import Rows
from screens.run.timeline import TimelinePage

if TYPE_CHECKING:
    from installer.engine.events import Event
    from screens.base.terminal_app import TerminalApp

TICK_SECONDS = 0.05
REPAINT_SECONDS = 0.5
MAX_EVENTS_PER_TICK = 400
MAX_LOG_LINE_LENGTH = 400
MAX_DETAIL_LINES = 50
MAX_DETAIL_LENGTH = 4000
"""Lines and characters of the log in the details of a row, which wrap them."""
BAR_WORDS = 32
"""Cells reserved for the text beside the bar, so that the length of the bar does not change with the text."""


class FilterField(Input):
    """The field for words of rows and log lines."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "keep", key_display="Enter"),
        Binding("escape", "screen.clear_filter", "clear", key_display="Esc"),
    ]


class LivePage(QuestionPage):
    """Progress of a run."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "follow", "follow", tooltip="follow the running step again"),
        Binding("slash", "filter", "filter", key_display="/", tooltip="filter rows and log by words"),
        Binding("t", "timeline", "timeline", tooltip="timeline: when each step ran"),
        Binding("r", "retry", "retry", tooltip="retry what failed"),
        Binding(CHANGE_KEY, "change_answer", "change", tooltip="change an answer, then resume"),
        Binding("a", "everything", "all rows, or what is not done", show=False),
        Binding("l", "log", "larger log", show=False),
        Binding("c", "copy_id", "copy", tooltip="copy the ID of the row"),
        Binding("o", "open_portal", "open", tooltip="open the row in the portal"),
        Binding("f1", "explain", "help", show=False),
    ]
    HELP_ROWS = 1
    page_key = "live"

    def __init__(self, run: ShownRun) -> None:
        super().__init__(run)
        self._events: deque[Event] = deque()
        self._painted = 0.0
        self._painted_room = 0
        self._shown_content: dict[str, Content] = {}
        self._of_step: dict[str, deque[tuple[str, str]]] = {}
        """The last lines of each step, in full, each with its resource."""

    def body(self) -> ComposeResult:
        """Progress bar, failure, rows, the open question, log."""
        yield Static(id="bar", markup=False)
        yield Static(id="trouble", markup=False)
        yield Rows(self.progress, id="rows")
        yield FilterField(id="filter", compact=True, placeholder="words in rows and log; Enter keeps them, Esc clears")
        yield QuestionPane(id="question")
        yield RunLog(id="log")

    def on_mount(self) -> None:
        """Subscribe to the events and process them every tick."""
        self.run.listen(self._events.append, past=True)
        self.query_one(Log).can_focus = False
        self.set_focus(self.query_one(Rows))
        self.set_interval(TICK_SECONDS, self.tick)
        self.update_retry_key()

    @property
    def exit_code(self) -> int:
        """Exit code when the user leaves this page; subclasses override it."""
        return 0

    @property
    def waiting(self) -> int:
        """Number of events that arrived since the last tick."""
        return len(self._events)

    def now(self) -> float:
        """Time shown by the clocks, in seconds since the epoch."""
        return self.shell.clock()

    # -- drawing it ----------------------------------------------------------------------------------------------

    def tick(self) -> None:
        """Repaint at most once: for new events, for a new size, and twice a second for the clocks."""
        now = self.now()
        lines: list[str] = []
        for _ in range(MAX_EVENTS_PER_TICK):
            if not self._events:
                break
            event = self._events.popleft()
            self.progress.take(event)
            lines.append(one_line(event_line(event)[:MAX_LOG_LINE_LENGTH]))
            kept = self._of_step.setdefault(event.step, deque(maxlen=MAX_DETAIL_LINES))
            kept.append((event.resource, one_line(event_line(event)[:MAX_DETAIL_LENGTH])))
        if lines:
            self.query_one(RunLog).add(lines)
        if lines or now - self._painted >= REPAINT_SECONDS or self._room() != self._painted_room:
            self._paint(now)
        self.update_retry_key()
        self.announce()
        if self.run.result is not None and self.progress.state == "succeeded" and self.app.screen is self:
            self.shell.show_last_page()

    def _paint(self, now: float) -> None:
        self._painted, self._painted_room = now, self._room()
        self.query_one(Rows).update(now)
        log = self.query_one(Log)
        if not self.has_class("-big-log") and log.scroll_offset.y < log.max_scroll_y:
            log.scroll_end(animate=False, x_axis=False)  # the user cannot scroll it: it was at its end before it shrank
        trouble = self._trouble(now)
        self.query_one("#trouble", Static).display = bool(trouble)
        self._put("#bar", self._bar(now))
        self._put("#trouble", Content.styled(truncate(trouble, self._room()), f"bold {style_of('failed')}"))
        self.ask()
        self.shell.set_terminal_title(f"{self.progress.fraction(now):.0%} {self.progress.state}")

    def _put(self, name: str, content: Content) -> None:
        """Update a widget only if its content has changed."""
        if self._shown_content.get(name) != content:
            self._shown_content[name] = content
            self.query_one(name, Static).update(content, layout=False)

    def _room(self) -> int:
        return max(self.query_one("#body").content_size.width, 40)

    def _bar(self, now: float) -> Content:
        """Progress bar with the elapsed and the remaining time."""
        progress = self.progress
        share = progress.fraction(now)
        elapsed = (progress.ended or now) - progress.began if progress.began else 0.0
        words = f"{clock(elapsed)} elapsed"
        if progress.state != "running":
            words = f"{progress.state}  {words}"
        elif progress.steps:
            words = f"{words}   {time_left(progress, now)}"
        room = max(self._room() - max(cells(words), BAR_WORDS) - 10, 10)
        full = round(share * room)
        state = "question" if progress.question else self.progress.state if self.progress.state in LOOKS else ""
        colour = style_of(state) if state else "$text-success" if progress.state == "succeeded" else "$text-warning"
        return Content.assemble(
            (f" {glyph('full') * full}", colour), (glyph("empty") * (room - full), "$rule"), f" {share:>4.0%}   {words}"
        )

    def _trouble(self, now: float) -> str:
        """Innermost cause of the first failure, and when it is tried again; or the error that kept the run from starting."""
        steps = self.progress.steps.values()
        failed = [row for step in steps for row in step.resources.values() if row.state == "failed"]
        failed = failed or [step for step in steps if step.state == "failed"]
        if failed:
            again = next((text for step in steps if (text := step.retry_text(now))), "")
            count = f"{len(failed)} failed" if len(failed) > 1 else ""
            said = ", ".join(filter(None, (count, again)))
            return f" {glyph('failed')} {f'{said}: ' if said else ''}{failed[0].title}: {failed[0].text}"
        return f" {glyph('failed')} {self.progress.error}" if self.progress.error else ""

    # -- keys ----------------------------------------------------------------------------------------------------

    def action_everything(self) -> None:
        """Switch between all rows and those that are not done."""
        rows = self.query_one(Rows)
        rows.everything = not rows.everything
        rows.update(self.now())

    def action_filter(self) -> None:
        """Type words that rows and log lines have to contain."""
        field = self.query_one(FilterField)
        field.display = True
        self.set_focus(field)

    @on(Input.Changed, "#filter")
    def _filtered(self, event: Input.Changed) -> None:
        rows = self.query_one(Rows)
        rows.words = event.value
        rows.update(self.now())
        self.query_one(RunLog).filter(event.value)
        if event.value.strip() and not rows.shown:
            self.flash(NOTHING_FOUND)

    @on(Input.Submitted, "#filter")
    def _keep_filter(self, event: Input.Submitted) -> None:
        event.stop()
        self.query_one(FilterField).display = bool(event.value)
        self.set_focus(self.query_one(Rows))

    def action_clear_filter(self) -> None:
        """Show everything again."""
        field = self.query_one(FilterField)
        field.value = ""
        field.display = False
        self.set_focus(self.query_one(Rows))

    def action_timeline(self) -> None:
        """Show the timeline of the run."""
        self.app.push_screen(TimelinePage(self.progress, self.now))

    def action_copy_id(self) -> None:
        """Copy the ID of the selected row."""
        copy_id(cast("TerminalApp", self.app), self._selected_id())

    def action_open_portal(self) -> None:
        """Open the selected row in the portal."""
        where = self.facts.answers.subscription if self.facts is not None else None
        open_in_portal(cast("TerminalApp", self.app), self._selected_id(), where, rehearsal=self.shell.rehearsal)

    def _selected_id(self) -> str:
        selected = self.query_one(Rows).selected
        return id_of(selected, self.facts) if selected is not None else ""

    def action_log(self) -> None:
        """Enlarge the log and make it scrollable, or shrink it again."""
        big = not self.has_class("-big-log")
        self.set_class(big, "-big-log")
        log = self.query_one(Log)
        log.can_focus = big
        self.set_focus(log if big else self.query_one(Rows))
        self.call_after_refresh(log.scroll_end, animate=False)

    def action_follow(self) -> None:
        """Let the cursor follow the running step again, after it was moved."""
        self.query_one(Rows).follow()
        self.refresh_bindings()

    @on(Rows.CursorMoved)
    def _moved(self) -> None:
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The cursor follows until it is moved: only then a key lets it follow again, in place of keys that are not available."""
        follows = self.is_mounted and self.run.result is None and self.query_one(Rows).moved
        if action == "follow" and not follows:
            return False
        found = super().check_action(action, parameters)
        return False if found is None and follows and action in ("retry", "change_answer") else found

    def action_explain(self) -> None:
        """Open the help of this page."""
        self.app.push_screen(HelpDialog("A run", LIVE))

    @on(Rows.DetailsRequested)
    def _details(self, event: Rows.DetailsRequested) -> None:
        line = event.line

        def lines() -> list[str]:
            of_step = self._of_step.get(line.step.key, ())
            own = {line.row.key, line.row.title}
            return [text for resource, text in of_step if not line.depth or resource in own]

        self.app.push_screen(DetailsDialog(line, self.progress, lines, self.now), self._on_details)

    def _on_details(self, choice: str | None) -> None:
        if choice == "copy":
            self.action_copy_id()
        elif choice == "portal":
            self.action_open_portal()
