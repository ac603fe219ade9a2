"""The report of a run as one HTML page: outcome, addresses, proofs, work that is left, timeline and topology.

It has no scripts and no outside links, so that it can be mailed and kept with a change record.
"""

from datetime import UTC, datetime
from pathlib import Path

from installer.durations import clock
from installer.engine.journal import Journal
from installer.engine.progress import Progress
from installer.handover.timeline_svg import timeline_svg
from installer.planning.document import Section, as_html, listed
from installer.runs import closing
from installer.runs.facts import EXPORTED, RunFacts, read_facts
from installer.runs.summary import summarize
from installer.topology.estate_topology import topology
from installer.topology.svg import as_svg


def run_report(directory: Path) -> str:
    """The report of a run, finished or not. Raises UsageError if its journal cannot be read."""
    with Journal(directory, write=False) as journal:
        facts = read_facts(journal)
        events = tuple(journal.events())
        summary = summarize(facts.answers, events, journal)
    progress = Progress()
    for event in events:
        progress.take(event)
    rehearsal = facts.target.get("kind") == "rehearsal"
    parts: list[Section] = [*_failures(progress)]
    if progress.state == "succeeded":
        found = closing.sections(summary, directory / EXPORTED, facts.name, rehearsal=rehearsal)
        parts += [listed(one.title or "Addresses", one.lines) for one in closing.shown(found)]
        head = closing.heading(summary, rehearsal=rehearsal)
    else:
        head = f"The run is not complete: {progress.state or 'not started'}."
    pictures = (
        ("Timeline", timeline_svg(progress, facts.name)),
        ("Topology, drawn from the planned resources", as_svg(topology(facts.answers))),
    )
    return as_html(
        f"FlowForge: run {facts.name}", [head, *_lead(facts, progress, rehearsal=rehearsal)], parts, pictures
    )


def run_timeline(directory: Path) -> str:
    """The timeline of a run as SVG. Raises UsageError if its journal cannot be read."""
    progress = Progress()
    with Journal(directory, write=False) as journal:
        for event in journal.events():
            progress.take(event)
    return timeline_svg(progress, directory.name)


def _lead(facts: RunFacts, progress: Progress, *, rehearsal: bool) -> list[str]:
    """Target and times of the last attempt."""
    where = facts.answers.subscription
    target = "rehearsal on the embedded Azure" if rehearsal else f"cloud {where.cloud}"
    ended = progress.ended or progress.last_heard
    lines = [f"Subscription {where.subscription}, tenant {where.tenant}, region {where.region}; {target}."]
    if progress.began:
        begun = datetime.fromtimestamp(progress.began, UTC).isoformat(sep=" ", timespec="minutes")
        lines.append(f"Last attempt: begun {begun}, {clock(ended - progress.began)} (m:ss).")
    return lines


def _failures(progress: Progress) -> list[Section]:
    """Every failed step with its error."""
    failed = tuple((step.title, step.text) for step in progress.steps.values() if step.state == "failed")
    return [Section("Failed steps", ("Step", "Error"), failed)] if failed else []
