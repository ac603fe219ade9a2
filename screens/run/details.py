"""Details of a row of the live page: id, type, times, causes, the error as returned by Azure, and its lines of the log.

They follow the run: the row under the cursor is computed again from its progress while the dialog is open.
"""

import json
import textwrap
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import ClassVar, Final

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from installer.cloud.error_causes import Cause, causes
from installer.cloud.error_explanations import RETRY_WORDS, explanation
from installer.durations import clock
from installer.engine.progress import Progress
from screens.base.dialogs import Dialog
from screens.base.states import LOOKS
from screens.run.row_lines import Line

REPAINT_SECONDS: Final = 0.5
MAX_TEXT_LENGTH: Final = 20_000
NAME_COLUMN: Final = 9
BUTTONS: Final = (("close", "Close"), ("copy", "Copy ID (c)"), ("portal", "Open in the portal (o)"))
TEXT_COLUMN: Final = 61
"""Width of the text in the dialog, in cells."""


class DetailsDialog(Dialog):
    """Dialog with the details of a line; returns "copy" or "portal" if that is asked for."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "choose('copy')", "copy the ID"),
        Binding("o", "choose('portal')", "open in the portal"),
    ]

    def __init__(
        self,
        line: Line,
        progress: Progress,
        lines: Callable[[], Sequence[str]] = tuple,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Show a line; `lines` are those of the log about it, in full, and `now` is the time of the clocks."""
        self._line, self._progress, self._lines, self._now = line, progress, lines, now
        super().__init__(line.row.title, self._details(), BUTTONS)

    def on_mount(self) -> None:
        """Follow the run; only a text that has changed is drawn."""
        self.set_interval(REPAINT_SECONDS, self._follow)

    def _follow(self) -> None:
        text = self._details()
        if text != self._text:
            self._text = text
            self.query_one("#window-text", Static).update(Content(text))

    def _details(self) -> str:
        line = current(self._line, self._progress)
        text = "\n".join(_fact(name, words) for name, words in _facts(line, self._progress, self._now()))
        if error := line.row.data.get("error"):
            text += f"\n\nError from Azure:\n{json.dumps(error, indent=1, ensure_ascii=False)}"
        if lines := self._lines():
            wrapped = (_wrapped(one, TEXT_COLUMN + NAME_COLUMN) for one in lines)
            text += "\n\nLog, the newest line last:\n" + "\n".join(one for rows in wrapped for one in rows)
        return text[:MAX_TEXT_LENGTH]

    def action_choose(self, name: str) -> None:
        """Press a button by its key."""
        self.dismiss(name)


def _fact(name: str, words: str) -> str:
    """Name and text in two columns."""
    lines = _wrapped(words[:MAX_TEXT_LENGTH], TEXT_COLUMN)
    return f"{name:<{NAME_COLUMN}}" + f"\n{'':<{NAME_COLUMN}}".join(lines)


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, break_on_hyphens=False) or [""]


def current(line: Line, progress: Progress) -> Line:
    """A line with its row as it is now: a later attempt has new rows."""
    step = progress.steps.get(line.step.key, line.step)
    return replace(line, step=step, row=step if not line.depth else step.resources.get(line.row.key, line.row))


def _facts(line: Line, progress: Progress, now: float) -> Iterator[tuple[str, str]]:
    row = line.row
    yield "State", LOOKS[row.state].word
    error = row.data.get("error")
    if error:
        for cause in causes(error):
            yield from _explained(cause)
    elif row.text and row.text != row.state:
        yield "Text", row.text
    if row.data.get("retry_reason"):
        yield "Advice", str(row.data["retry_reason"])
    if line.depth == 0 and (blocked := progress.blocked_by(row.key)):
        yield "Blocks", ", ".join(step.title for step in blocked)
    if row.kind:
        yield "Type", row.kind
    if row.data.get("id"):
        yield "Id", str(row.data["id"])
    if row.began:
        yield ("Duration" if row.ended else "Since"), clock(row.elapsed(now))
    if row.usual >= 1:
        low, high = clock(row.duration.low), clock(row.duration.high)
        yield "Usual", f"{clock(row.usual)}, mostly between {low} and {high}"
    if line.depth == 0 and line.step.resources:
        over = sum(1 for resource in line.step.resources.values() if resource.state in ("done", "same"))
        yield "Parts", f"{over} of {len(line.step.resources)} done"
    if row.data.get("correlation_id"):
        yield "Trace", f"correlation id {row.data['correlation_id']}"


def _explained(cause: Cause) -> Iterator[tuple[str, str]]:
    """An innermost error with its explanation."""
    yield "Cause", str(cause)
    known = explanation(cause.code, cause.message)
    if known is not None:
        yield "Reason", known.cause
        yield "Remedy", known.remedy
        yield "Retry", RETRY_WORDS[known.retry]
        if known.link:
            yield "See", known.link
