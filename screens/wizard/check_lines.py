"""Lines of the list of checks: each check with its state, its findings, their ways out, and what it could not see."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from installer.conventions.counts import counted
from screens.base.glyphs import fit, glyph, truncate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.preflight.model import Finding, Report, Result, State, WayOut

TITLE_CELLS: Final = 20
MAX_TEXT: Final = 200
"""Characters of a line; the list cuts it at its width, and F1 shows all of it."""
GLYPHS: "Final[dict[State, str]]" = {
    "passed": "done",
    "blocks": "failed",
    "warns": "question",
    "not checked": "waiting",
}
WORDS: "Final[dict[State, str]]" = {"passed": "", "blocks": "blocks", "warns": "warning", "not checked": "not checked"}


@dataclass(frozen=True)
class Line:
    """A line of the list: of a check, a finding, or a way out that can be taken."""

    text: str
    finding: "Finding | None" = None
    way: "WayOut | None" = None
    result: "Result | None" = None


def lines_of(title: str, result: "Result | None") -> "Iterator[Line]":
    """The lines of one check; without a result it is still running."""
    if result is None:
        yield Line(f"{glyph('running')} {fit(title, TITLE_CELLS)}")
        return
    proved = [proof.text for proof in result.proofs]
    texts = {
        "passed": proved,
        # Without a finding the rest is still proved: a network is not unknown because of one route.
        "not checked": [f"{len(result.not_checked)} not checked" if proved else WORDS["not checked"], *proved],
    }.get(result.state, [WORDS[result.state]])
    text = truncate("; ".join(texts), MAX_TEXT)
    yield Line(f"{glyph(GLYPHS[result.state])} {fit(title, TITLE_CELLS)} {text}", result=result)
    for finding in result.findings:
        sign = glyph("failed" if finding.severity == "blocks" else "question")
        yield Line(truncate(f"  {sign} {finding.what}", MAX_TEXT), finding)
        for way in finding.ways:
            taken = "  [take it]" if way.answers else ""
            yield Line(truncate(f"    → {way.sentence}{taken}", MAX_TEXT), finding, way)
    for one in result.not_checked:
        yield Line(truncate(f"  {glyph('waiting')} not checked: {one.sentence}", MAX_TEXT), result=result)


def outcome(report: "Report") -> str:
    """Consequence of a finished report for the start."""
    blocking = sum(finding.severity == "blocks" for finding in report.findings)
    warning = len(report.findings) - blocking
    if blocking:
        return counted(blocking, "finding blocks the start", "findings block the start")
    return f"{warning} to acknowledge at the start" if warning else "nothing blocks the start"


def whole_text(line: Line) -> str:
    """All that there is behind a line, "" for a check that has not ended."""
    if line.finding is not None:
        return _finding_text(line.finding)
    return _result_text(line.result) if line.result is not None else ""


def _finding_text(finding: "Finding") -> str:
    """All of a finding."""
    ways = "\n".join(f"→ {way.sentence}" for way in finding.ways)
    return f"{finding.what}\n\nWhere: {finding.where}\n\n{finding.why}\n\n{ways}"


def _result_text(result: "Result") -> str:
    """All that a check has proved, and what it could not see."""
    lines = [f"{glyph('done')} {proof.text}" for proof in result.proofs]
    lines += [f"{glyph('waiting')} not checked: {one.sentence}" for one in result.not_checked]
    return "\n".join(lines)
