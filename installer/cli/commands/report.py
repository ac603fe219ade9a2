"""The command report: the hand-over report of a run, or its timeline alone. It reads the journal, and for the cost the public price list."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from installer.cli.commands.run import opened
from installer.errors import UsageError
from installer.runs.started_runs import newest_installation
from installer.runs.state_directory import StateDirectory

if TYPE_CHECKING:
    from installer.planning.document import Section
    from installer.runs.facts import RunFacts

Settings = dict[str, Any]
REHEARSED: Final = "A rehearsal has no prices. The command cost reads the public price list for the same answers."
LEFT_OUT: Final = "The price list was not read (--no-cost)."


def report(settings: Settings, name: str | None, out: Path | None, currency: str, *, cost: bool) -> int:
    """Write the report of a run, by default of the newest installation."""
    from installer.answers.files import save
    from installer.engine.journal import Journal
    from installer.handover.report.report import handover_report, run_timeline
    from installer.runs.facts import read_facts

    if out is not None and out.suffix.lower() not in (".html", ".svg"):
        raise UsageError(f"-o {out}: accepted: FILE.html (report) or FILE.svg (timeline)")
    state, chosen = _chosen(settings, name)
    page = out or Path(f"flowforge-{chosen}.html")
    with Journal(state.run(chosen), write=False) as journal:
        if page.suffix.lower() == ".svg":
            text = run_timeline(journal)
        else:
            text = handover_report(journal, _cost(settings, read_facts(journal), currency, wanted=cost))
        save(page, text)
    print(f"{page}: written")
    return 0


def write_runbooks(settings: Settings, name: str | None, directory: Path, out: Path | None) -> int:
    """Write the runbooks of the installation of a run, by default of the newest one."""
    from installer.engine.journal import Journal
    from installer.handover.runbooks import files
    from installer.runs.facts import read_facts

    if out is not None:
        raise UsageError(f"-o {out}: --runbooks {directory} writes into its directory; leave out one of both")
    state, chosen = _chosen(settings, name)
    with Journal(state.run(chosen), write=False) as journal:
        written = files.write_runbooks(read_facts(journal).answers, chosen, directory)
    if settings.get("output") == "json":
        print(json.dumps({"kind": "runbooks", "directory": str(directory), "files": list(written)}))
    else:
        print(f"{directory}: {len(written)} files written")
    return 0


def _chosen(settings: Settings, name: str | None) -> tuple[StateDirectory, str]:
    """The state directory and the run, by default the newest one that has installed."""
    state = StateDirectory.to_read(settings.get("state_dir"))
    chosen = name or newest_installation(state)
    if chosen is None:
        raise UsageError("there is no run on this machine yet")
    return state, chosen


def _cost(settings: Settings, facts: "RunFacts", currency: str, *, wanted: bool) -> "list[Section]":
    """The cost per month, or the reason why the report has none."""
    from installer.cli.commands.plan import cost_sections
    from installer.planning.document import listed

    if not wanted:
        return [listed("Cost", [LEFT_OUT])]
    if facts.target.get("kind") == "rehearsal":
        return [listed("Cost", [REHEARSED])]
    with opened({**settings, "cloud": facts.answers.subscription.cloud}, reads=True) as session:
        return cost_sections(session.cost(facts.answers, currency), None)
