"""The command check: what would fail in Azure, found before anything is written."""

import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from installer.cli.commands.run import opened
from installer.errors import CheckBlocked
from installer.preflight.model import Report, Result, State
from installer.runs.session import TargetOptions
from installer.sanitize import printable

Settings = dict[str, Any]
SIGNS: Final[dict[State, str]] = {"passed": "✓", "blocks": "✗", "warns": "!", "not checked": "?"}
_RAPID: Final = 100_000.0
"""Speed of the embedded Azure behind a survey: nothing is deployed there."""


def check(settings: Settings, path: Path, survey: Path | None) -> int:
    """Run the checks and print each result when it is there; exit code 3 if something blocks."""
    from installer.answers.files import load

    answers = load(path).answers
    as_json = settings.get("output") == "json"

    def show(result: Result) -> None:
        if not as_json:
            print(*result_lines(result), sep="\n", flush=True)

    if survey is None:
        with opened({"cloud": answers.subscription.cloud, **settings}) as session:
            report = session.check(answers, show)
    else:
        options = TargetOptions(
            rehearsal=True, speed=_RAPID, survey=str(survey.resolve()), cloud=answers.subscription.cloud
        )
        with tempfile.TemporaryDirectory() as state, opened({**settings, "state_dir": state}, options) as session:
            report = session.check(answers, show, survey)
    if as_json:
        print(json.dumps(report.as_json(), ensure_ascii=False))
    else:
        print(summary(report))
    if report.blocks:
        print(first_blocker(report), file=sys.stderr)
    return CheckBlocked.exit_code if report.blocks else 0


def result_lines(result: Result) -> Iterator[str]:
    """A result: its state and proofs in the first line, then findings with their ways out, and what was not checked."""
    texts = [proof.text for proof in result.proofs] if result.state == "passed" else []
    yield printable(f"{SIGNS[result.state]} {result.title:<20}{'; '.join(texts)}".rstrip())
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
    parts = [f"{len(report.results)} checks", f"{blocking} block", f"{len(report.findings) - blocking} warn"]
    return ", ".join([*parts, f"{unseen} not checked", f"{report.requests} reads"])


def first_blocker(report: Report) -> str:
    """The first finding that blocks, as one line for standard error."""
    finding = next(one for one in report.findings if one.severity == "blocks")
    return printable(f"a check blocks: {finding.what}")
