"""The live page: is it moving, when is it done, what needs me."""

import time
from collections import deque
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Label, RichLog

from installer.console import line as event_line
from installer.progress import Progress
from screens.frame import Frame
from screens.signs import clock, cut, sign
from screens.widgets.rows import Line, Rows
from screens.windows import Window

if TYPE_CHECKING:
    from installer.engine.events import Event
    from installer.runs import Run

TICK_SECONDS = 0.05
REPAINT_SECONDS = 0.5
MOST_EVENTS_A_TICK = 400


class Bar(Widget):
    """How much is done, for how long, how much is left."""

    def __init__(self, progress: Progress) -> None:
        super().__init__(id="bar")
        self.progress = progress

    def render(self) -> Content:
        """One line."""
        progress, now = self.progress, time.time()
        share = progress.fraction(now)
        elapsed = (progress.ended or now) - progress.began if progress.began else 0.0
        if progress.state != "running":
            words = f"{progress.state}  {clock(elapsed)} elapsed"
        else:
            words = f"{clock(elapsed)} elapsed   about {clock(progress.left(now))} left"
        room = max(self.size.width - len(words) - 12, 10)
        full = round(share * room)
        bar = sign("full") * full + sign("empty") * (room - full)
        return Content(cut(f" {bar} {share:>4.0%}   {words}", self.size.width))


class Live(Frame):
    """A run, as it goes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "details", "details"),
        Binding("a", "everything", "all rows"),
        Binding("l", "log", "log"),
        Binding("r", "again", "retry"),
        Binding("f", "finish", "go on"),
    ]
    place = "live"

    def __init__(self, run: "Run") -> None:
        super().__init__()
        self.run = run
        self.progress = Progress()
        self._events: deque[Event] = deque()
        self._painted = 0.0
        self._asked = ""

    def body(self) -> ComposeResult:
        """Bar, rows, log, and a question when there is one."""
        yield Bar(self.progress)
        yield Rows(self.progress, id="rows")
        with Horizontal(id="question"):
            yield Label(id="question-text", markup=False)
            yield Input(id="question-answer", compact=True)
        yield RichLog(id="log", max_lines=2000, markup=False, wrap=False, auto_scroll=True)

    def on_mount(self) -> None:
        """Listen, and look at what came in every tick."""
        self.run.listen(self._events.append, past=True)
        self.query_one("#log", RichLog).can_focus = False
        self.query_one(Rows).focus()
        self.set_interval(TICK_SECONDS, self._tick)
        self.say(f"Run {self.run.name}. Leaving does not stop Azure; resume goes on with it.")

    def _tick(self) -> None:
        """At most one repaint: when something happened, and twice a second for the clocks."""
        if not self.is_current:
            return
        now, news = time.time(), False
        log = self.query_one("#log", RichLog)
        for _ in range(MOST_EVENTS_A_TICK):
            if not self._events:
                break
            event, news = self._events.popleft(), True
            self.progress.take(event)
            log.write(Content(event_line(event)).plain)
        if news or now - self._painted >= REPAINT_SECONDS:
            self._painted = now
            self.query_one(Rows).update(now)
            self.query_one(Bar).refresh()
            self._ask()
            self.wizard.tell_terminal(f"{self.progress.fraction(now):.0%} {self.progress.state}")
        if news:
            self.refresh_bindings()
        if self.progress.state == "succeeded" and self.run.result is not None:
            self.wizard.run_is_over()

    def _ask(self) -> None:
        """A question of the run is shown where its answer is typed."""
        question = self.run.question
        key = question.key if question else ""
        if key == self._asked:
            return
        self._asked = key
        self.query_one("#question").display = bool(key)
        if question:
            self.query_one("#question-text", Label).update(Content(f"{sign('question')} {question.text} "))
            field = self.query_one("#question-answer", Input)
            field.value = question.default
            field.focus()

    @on(Input.Submitted, "#question-answer")
    def _answered(self, event: Input.Submitted) -> None:
        self.run.answer(event.value)
        self.query_one(Rows).focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  Textual's
        """Keys that do something only when the run is over are dim before."""
        over = self.run.result is not None
        if action == "again":
            return True if over and self.progress.state != "succeeded" else None
        if action == "finish":
            return True if over and self.progress.state == "succeeded" else None
        return True

    def action_everything(self) -> None:
        """All rows, or only those that are not done."""
        rows = self.query_one(Rows)
        rows.everything = not rows.everything
        rows.update(time.time())

    def action_log(self) -> None:
        """Enlarge the log, or make it small again."""
        self.toggle_class("-big-log")

    def action_again(self) -> None:
        """Go on with the run: what is done is adopted, what failed is tried again."""
        self.wizard.resume_run(self.run.name)

    def action_finish(self) -> None:
        """To the last page."""
        self.wizard.run_is_over()

    def action_details(self) -> None:
        """Open what is selected."""
        self.query_one(Rows).action_details()

    @on(Rows.Chosen)
    def _details(self, event: Rows.Chosen) -> None:
        self.app.push_screen(DetailsWindow(event.line))


class DetailsWindow(Window):
    """All that is known of a row: id, type, times, and the error as Azure gave it."""

    def __init__(self, line: Line) -> None:
        row = line.row
        parts = [f"State    {row.state}", f"Text     {row.text}"] if row.text else [f"State    {row.state}"]
        parts += [f"Type     {row.kind}"] if row.kind else []
        parts += [f"Id       {row.data['id']}"] if row.data.get("id") else []
        parts += [f"Took     {clock(row.ended - row.began)}"] if row.ended and row.began else []
        parts += [f"Trace    correlation id {row.data['correlation_id']}"] if row.data.get("correlation_id") else []
        if row.data.get("error"):
            import json

            parts += ["", "As Azure said it:", json.dumps(row.data["error"], indent=1, ensure_ascii=False)]
        super().__init__(row.title, "\n".join(parts), [("close", "Close")])
