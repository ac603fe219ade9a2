"""Details of a row of the live page: id, type, times, causes, and the error as returned by Azure."""

import json
import textwrap
from collections.abc import Iterator
from typing import ClassVar, Final

from textual.binding import Binding, BindingType

from installer.cloud.error_causes import Cause, causes
from installer.cloud.error_explanations import RETRY_WORDS, explanation
from installer.durations import clock
from installer.engine.progress import Progress
from screens.base.dialogs import Dialog
from screens.base.states import LOOKS
from screens.run.row_lines import Line

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

    def __init__(self, line: Line, progress: Progress) -> None:
        text = "\n".join(_fact(name, words) for name, words in _facts(line, progress))
        error = line.row.data.get("error")
        if error:
            text += f"\n\nError from Azure:\n{json.dumps(error, indent=1, ensure_ascii=False)}"
        super().__init__(line.row.title, text[:MAX_TEXT_LENGTH], BUTTONS)

    def action_choose(self, name: str) -> None:
        """Press a button by its key."""
        self.dismiss(name)


def _fact(name: str, words: str) -> str:
    """Name and text in two columns."""
    lines = textwrap.wrap(words[:MAX_TEXT_LENGTH], TEXT_COLUMN, break_on_hyphens=False) or [""]
    return f"{name:<{NAME_COLUMN}}" + f"\n{'':<{NAME_COLUMN}}".join(lines)


def _facts(line: Line, progress: Progress) -> Iterator[tuple[str, str]]:
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
    if row.ended and row.began:
        yield "Duration", clock(row.ended - row.began)
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
