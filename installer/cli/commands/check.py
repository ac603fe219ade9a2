"""The command check: what would fail in Azure, found before anything is written."""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from installer.cli.check_lines import TITLE, first_blocker, result_lines, summary
from installer.cli.commands.run import opened
from installer.cli.terminal_lines import folded, terminal_width
from installer.errors import CheckBlocked
from installer.runs.session import TargetOptions

Settings = dict[str, Any]
_RAPID: Final = 100_000.0
"""Speed of the embedded Azure behind a survey: nothing is deployed there."""


def check(settings: Settings, path: Path, survey: Path | None) -> int:
    """Run the checks and print the results in their order; exit code 3 if something blocks.

    Raises AzureRefused if Azure could not be reached.
    """
    from installer.answers.files import load

    answers = load(path).answers
    as_json = settings.get("output") == "json"

    if survey is None:
        with opened({"cloud": answers.subscription.cloud, **settings}) as session:
            report = session.check(answers)
    else:
        options = TargetOptions(
            rehearsal=True, speed=_RAPID, survey=str(survey.resolve()), cloud=answers.subscription.cloud
        )
        with tempfile.TemporaryDirectory() as state, opened({**settings, "state_dir": state}, options) as session:
            report = session.check(answers)
    if as_json:
        print(json.dumps(report.as_json(), ensure_ascii=False))
    else:
        for result in report.results:
            print(*folded(result_lines(result), terminal_width(), TITLE), sep="\n")
        print(summary(report))
    report.refuse_unreached()
    if report.blocks:
        print(first_blocker(report), file=sys.stderr)
    return CheckBlocked.exit_code if report.blocks else 0
