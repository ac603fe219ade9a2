"""All that is known of a row of the live page: id, type, times, causes, and the error as Azure gave it."""

import json
from collections.abc import Iterator

from installer.explain import causes
from screens.signs import clock
from screens.widgets.rows import Line
from screens.windows import Window

LONGEST_TEXT = 20_000


class DetailsWindow(Window):
    """A window with what is known of a line."""

    def __init__(self, line: Line) -> None:
        super().__init__(line.row.title, "\n".join(_facts(line))[:LONGEST_TEXT], [("close", "Close")])


def _facts(line: Line) -> Iterator[str]:
    row = line.row
    yield f"State    {row.state}"
    error = row.data.get("error")
    if error:
        yield from (f"Cause    {cause}" for cause in causes(error))
    elif row.text and row.text != row.state:
        yield f"Text     {row.text}"
    if row.kind:
        yield f"Type     {row.kind}"
    if row.data.get("id"):
        yield f"Id       {row.data['id']}"
    if row.ended and row.began:
        yield f"Took     {clock(row.ended - row.began)}"
    if row.usual >= 1:
        yield f"Usual    {clock(row.usual)}"
    if line.depth == 0 and line.step.resources:
        over = sum(1 for resource in line.step.resources.values() if resource.state in ("done", "same"))
        yield f"Parts    {over} of {len(line.step.resources)} done so far"
    if row.data.get("correlation_id"):
        yield f"Trace    correlation id {row.data['correlation_id']}"
    if error:
        yield from ("", "As Azure said it:", json.dumps(error, indent=1, ensure_ascii=False))
