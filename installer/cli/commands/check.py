"""The command check: what would fail in Azure, found before anything is written."""

import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from installer.cli.check_lines import first_blocker, folded, result_lines, summary
from installer.cli.commands.output import is_terminal
from installer.cli.commands.run import opened
from installer.errors import CheckBlocked
from installer.runs.session import TargetOptions

Settings = dict[str, Any]
_RAPID: Final = 100_000.0
"""Speed of the embedded Azure behind a survey: nothing is deployed there."""


def check(settings: Settings, path: Path, survey: Path | None) -> int:
    """Run the checks and print the results in their order; exit code 3 if something blocks."""
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
        width = shutil.get_terminal_size().columns if is_terminal(sys.stdout) else 0  # a file gets whole lines
        for result in report.results:
            lines = result_lines(result)
            print(*(folded(lines, width) if width else lines), sep="\n")
        print(summary(report))
    if report.blocks:
        print(first_blocker(report), file=sys.stderr)
    return CheckBlocked.exit_code if report.blocks else 0
