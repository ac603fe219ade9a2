"""Problems with their numbered resolutions as plain lines and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.operations.status.report import SIGNS, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.jsontypes import Json
    from installer.operations.status.model import Line, Status


def problem_lines(status: Status) -> Iterator[str]:
    """All problems, numbered."""
    for number, line in enumerate(status.problems, 1):
        yield from lines_of(status, line, number)
        yield ""


def lines_of(status: Status, line: Line, number: int) -> Iterator[str]:
    """One problem: its key, the fact, and its resolutions with the command line of each, which stays whole."""
    yield from wrapped(f"{number}. {SIGNS[line.state]} ", f"{line.subject}: {line.text}")
    yield f"   {line.key}"
    for at, way in enumerate(line.ways, 1):
        yield from wrapped(f"   {at}) ", way.text)
        if command := way.shown(status.run, line.key):
            yield f"      {command}"


def doctor_object(status: Status, fixed: tuple[str, ...] = ()) -> dict[str, Json]:
    """The problems as JSON.

    Has `kind` (always "doctor"), `schema`, `run`, `installation`, `fixed` (keys of problems that are gone after their resolution) and
    `problems`: lines as in the object of status, with `resolutions` (text, action, command) in the order of their numbers. An action
    other than "by hand" is carried out by --fix.
    """
    found = status.as_json()
    problems: list[Json] = [line.as_json(status.run) for line in status.problems]
    kept = {name: found[name] for name in ("schema", "run", "installation")}
    return {"kind": "doctor", **kept, "fixed": list(fixed), "problems": problems}
