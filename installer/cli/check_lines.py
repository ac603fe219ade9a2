"""Results of checks as plain lines, for the command check and the wizard on a plain terminal."""

from collections.abc import Iterator
from typing import Final

from installer.conventions.counts import counted
from installer.preflight.model import Report, Result, State
from installer.sanitize import printable

SIGNS: Final[dict[State, str]] = {"passed": "✓", "blocks": "✗", "warns": "!", "not checked": "?"}

TITLE: Final = 20
"""Columns of the title of a check."""


def result_lines(result: Result) -> Iterator[str]:
    """A result: its state and what is proved in the first line, then findings with their ways out, and what was not checked."""
    texts = [proof.text for proof in result.proofs] if result.state in ("passed", "not checked") else []
    yield printable(f"{SIGNS[result.state]} {result.title:<{TITLE}}{'; '.join(texts)}".rstrip())
    for finding in result.findings:
        sign = SIGNS[finding.severity]
        yield printable(f"    {sign} {finding.what}")
        yield printable(f"      {finding.why} ({finding.where})")
        yield from (f"      → {way.sentence}" for way in finding.ways)
    for one in result.not_checked:
        yield f"    ? not checked: {one.sentence}"


def summary(report: Report) -> str:
    """The counts in one line."""
    blocking = sum(finding.severity == "blocks" for finding in report.findings)
    unseen = sum(len(result.not_checked) for result in report.results)
    parts = [
        counted(len(report.results), "check"),
        counted(blocking, "finding blocks", "findings block"),
        counted(len(report.findings) - blocking, "warning"),
    ]
    return ", ".join([*parts, f"{unseen} not checked", counted(report.requests, "read")])


def first_blocker(report: Report) -> str:
    """The first finding that blocks, as one line for standard error."""
    finding = next(one for one in report.findings if one.severity == "blocks")
    return printable(f"a check blocks: {finding.what}")
