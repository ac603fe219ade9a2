"""The command `runs report`: the report of a run as an HTML page, or its timeline as SVG."""

from pathlib import Path
from typing import Any

from installer.errors import UsageError
from installer.runs.started_runs import newest_installation
from installer.runs.state_directory import StateDirectory

Settings = dict[str, Any]


def report(settings: Settings, run: str | None, out: Path | None) -> int:
    """Write the report of a run, of the newest installation if none is named."""
    from installer.answers.files import save
    from installer.handover.run_report import run_report, run_timeline

    if out is not None and out.suffix.lower() not in (".html", ".svg"):
        raise UsageError(f"-o {out}: accepted: FILE.html (report) or FILE.svg (timeline)")
    state = StateDirectory.at(settings.get("state_dir"))
    name = run or newest_installation(state)
    if name is None:
        raise UsageError("there is no run on this machine yet")
    target = out or Path(f"flowforge-{name}.html")
    directory = state.run(name)
    save(target, run_timeline(directory) if target.suffix.lower() == ".svg" else run_report(directory))
    print(f"{target}: written")
    return 0
