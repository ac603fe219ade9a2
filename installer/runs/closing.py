"""The last words about a run that has succeeded, for the last page and for what stays on the terminal after it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from installer.conventions.counts import counted
from installer.invocation import command

if TYPE_CHECKING:
    from pathlib import Path

    from installer.runs.summary import Summary

Kind = Literal["address", "done", "waiting", "plain"]


@dataclass(frozen=True)
class Section:
    """A titled part.

    Attributes:
        title: in the first line, "" for none.
        lines: what follows.
        kind: state of each line, or what it is.
        lasting: whether it stays on the terminal after the page.

    """

    title: str
    lines: tuple[str, ...]
    kind: Kind = "plain"
    lasting: bool = False


def heading(summary: "Summary", *, rehearsal: bool) -> str:
    """The outcome in one line."""
    count = counted(summary.resources, "resource")
    if rehearsal:
        return f"Rehearsed: {count}. Nothing was deployed to Azure, no charges."
    return f"FlowForge is installed: {count}."


def sections(summary: "Summary", exported: "Path", run: str, *, rehearsal: bool) -> Iterator[Section]:
    """The parts in order. Those of a rehearsal have no command that deploys to Azure."""
    addresses = tuple(f"{name:<20} {address}" for name, address in summary.addresses.items())
    yield Section("", addresses, "address", lasting=not rehearsal)
    yield Section("Verified", summary.proved, "done")
    yield Section("Set by others and kept", summary.kept, "done")
    if rehearsal:
        yield Section("Left to you in an installation", summary.left, "waiting")
    else:
        yield Section("Next steps", summary.left, "waiting", lasting=True)
    files = (f"answers  {exported}", f"run      {run}", f"report   {command(f'report {run}')}")
    yield Section("Files", files, lasting=True)
    if rehearsal:
        again = command(f"rehearse --answers {exported} --yes")
        yield Section("To repeat this rehearsal without questions", (again,))
        after = (
            f"{command(f'check {exported}')}   would Azure accept it? Only reads",
            f"{command(f'plan {exported}')}   what would an installation change, and what would it cost? Only reads",
        )
        yield Section("After this rehearsal: nothing is in Azure yet", after, lasting=True)
    else:
        again = command(f"apply {exported} --yes")
        yield Section("To repeat this installation without questions", (again,))


def lasting_text(summary: "Summary", exported: "Path", run: str, *, rehearsal: bool) -> str:
    """The lines that stay on the terminal when the last page is left."""
    lines = [heading(summary, rehearsal=rehearsal)]
    for section in sections(summary, exported, run, rehearsal=rehearsal):
        if section.lasting and section.lines:
            lines += [*([section.title] if section.title else []), *(f"  {line}" for line in section.lines)]
    return "\n".join(lines)


def shown(parts: Iterable[Section]) -> Iterator[Section]:
    """The parts that have something to show."""
    return (part for part in parts if part.lines)
