"""Choice of resolutions, and the work of the installer for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from installer.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from installer.operations.status.model import Line, Status, Way

BY_HAND: Final = "by hand"


@dataclass(frozen=True)
class Choice:
    """A problem with its chosen resolution."""

    line: Line
    way: Way


@dataclass(frozen=True)
class Work:
    """The part of some choices that the installer carries out, in this order.

    Attributes:
        resumes: Whether the run is continued.
        rotations: Secrets that are rotated, each with its environment.
        applies: Whether a new run carries out the plan of the same answers.
        stages: Stages that this run deploys again in any case.
        by_hand: Choices that the user carries out.

    """

    resumes: bool
    rotations: tuple[tuple[str, str], ...]
    applies: bool
    stages: frozenset[str]
    by_hand: tuple[Choice, ...]


def named(status: Status, fixes: Iterable[str]) -> list[Choice]:
    """Choices by `--fix KEY` or `--fix KEY=NUMBER`: the first resolution that the installer carries out, or that number.

    Raises:
        UsageError: With every one that is wrong.

    """
    found: list[Choice] = []
    wrong: list[str] = []
    for fix in fixes:
        key, _, number = fix.partition("=")
        line = next((one for one in status.problems if one.key == key), None)
        if line is None:
            wrong.append(f"--fix {fix}: no such problem; {_present(status)}")
            continue
        own = [way for way in line.ways if way.action != BY_HAND]
        if not number:
            if own:
                found.append(Choice(line, own[0]))
            else:
                wrong.append(f"--fix {fix}: {_only_by_hand(status, line)}")
        elif (way := numbered(line, number)) is None:
            wrong.append(f"--fix {fix}: accepted: {key}=1 to {key}={len(line.ways)}")
        else:
            found.append(Choice(line, way))
    if wrong:
        raise UsageError("\n".join(wrong))
    return found


def numbered(line: Line, number: str) -> Way | None:
    """The resolution with a number, counted from 1."""
    at = int(number) if number.isdecimal() else 0
    return line.ways[at - 1] if 1 <= at <= len(line.ways) else None


def work_of(choices: Sequence[Choice]) -> Work:
    """The work for some choices: one run for all that a run does."""
    ways = [one.way for one in choices]
    rotations = dict.fromkeys((way.arguments[0], way.arguments[1]) for way in ways if way.action == "rotate")
    return Work(
        any(way.action == "resume" for way in ways),
        tuple(rotations),
        any(way.action == "apply" for way in ways),
        frozenset(stage for way in ways if way.action == "apply" for stage in way.arguments),
        tuple(one for one in choices if one.way.action == BY_HAND),
    )


def _present(status: Status) -> str:
    keys = ", ".join(one.key for one in status.problems)
    return f"the problems are {keys}" if keys else "there are no problems"


def _only_by_hand(status: Status, line: Line) -> str:
    """Why the installer does nothing for a problem, and what the user can do."""
    ways = "; ".join(f"{way.text}: {way.command}" if way.command else way.text for way in line.ways)
    return (
        f"the installer has no action for it; {ways}"
        if ways
        else f"it passes without an action; see status {status.run}"
    )
