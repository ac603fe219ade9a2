"""Puts the hand-over report together from a run's journal: what was built, why one may trust it, what it costs, what is left."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from html import escape
from typing import Final

from installer import __version__
from installer.answers.draft import answers_as_json
from installer.conventions.counts import counted
from installer.durations import clock
from installer.engine.events import Event
from installer.engine.journal import Journal
from installer.engine.progress import Progress
from installer.estate.bodies import planned_bodies
from installer.estate.parameters.context import Installation
from installer.handover.report import security_review
from installer.handover.report.inventory import inventory, rights
from installer.handover.report.page import Chapter, as_page
from installer.handover.report.timeline_svg import timeline_svg
from installer.handover.runbooks.files import as_html, lead, runbooks
from installer.invocation import command
from installer.json_access import as_object
from installer.planning.branch import shown
from installer.planning.document import Section, listed
from installer.runs.facts import RunFacts, read_facts
from installer.runs.summary import Summary, summarize
from installer.topology.estate_topology import topology
from installer.topology.svg import as_svg

OWNERS: Final = {
    "DNS": "DNS team",
    "Firewall": "network team",
    "Sign-on": "Entra administrators",
    "Azure SQL": "database administrators",
    "Not proved by this rehearsal": "no team: a real run proves it",
}
"""Teams by the subject of remaining work."""


def handover_report(journal: Journal, cost: Sequence[Section]) -> str:
    """The report of a run as HTML.

    Args:
        journal: The run.
        cost: Sections with its cost, or with the reason why there are no figures.

    """
    facts, events = read_facts(journal), tuple(journal.events())
    answers, picture = facts.answers, topology(facts.answers)
    bodies = tuple(planned_bodies(answers))
    summary, progress = summarize(answers, events, journal), _progress(events)
    review = security_review.reviewed(bodies)
    met = security_review.counted_verdicts(review)
    security = listed(
        "Basis",
        [
            "The templates of this installation as the run has deployed them. Changes by others since then are not seen here."
        ],
    )
    chapters = [
        Chapter("Overview", tuple(_overview(facts, summary)), as_svg(picture)),
        Chapter("Resources", tuple(inventory(bodies))),
        Chapter("Identities", (rights(picture),)),
        Chapter("Security", (security, security_review.section(review))),
        Chapter("Cost", tuple(cost)),
        Chapter("The run", tuple(_proofs(summary, events, progress)), timeline_svg(progress, facts.name)),
        Chapter("Left to do", (_left(summary),)),
        Chapter("Operations", (_operations(facts),)),
        Chapter("Runbooks", elements="".join(_runbooks(facts))),
    ]
    applicable = sum(count for verdict, count in met.items() if verdict != "not part of the installation")
    secured = f"{met.get('met', 0)} of {counted(applicable, 'security control')} met"
    return as_page(
        f"FlowForge {answers.subscription.prefix}: hand-over report",
        [
            *_nature(facts),
            f"Run {facts.name}, created {facts.created}, {facts.state}; flowforge-installer {__version__}",
            *_last_attempt(progress),
            f"{counted(summary.resources, 'Azure resource')}; {secured}",
        ],
        chapters,
    )


def _runbooks(facts: RunFacts) -> Iterator[str]:
    """Each runbook, folded: a page for print opens all of them."""
    yield f"<p>{escape(lead(facts.answers))}</p>"
    for one in runbooks(facts.answers, facts.name):
        yield f"<details><summary>{escape(one.title)}</summary>{''.join(as_html(one))}</details>"


def _nature(facts: RunFacts) -> Iterator[str]:
    if facts.target.get("kind") == "rehearsal":
        yield "REHEARSAL: this installation exists only in an embedded Azure; nothing of it is in a subscription"


def _last_attempt(progress: Progress) -> Iterator[str]:
    if progress.began:
        begun = datetime.fromtimestamp(progress.began, UTC).isoformat(sep=" ", timespec="minutes")
        took = clock((progress.ended or progress.last_heard) - progress.began)
        yield f"Last attempt: begun {begun}, took {took} (m:ss)"


def run_timeline(journal: Journal) -> str:
    """The timeline of a run as an SVG document."""
    return timeline_svg(_progress(journal.events()), journal.directory.name)


def _progress(events: Iterable[Event]) -> Progress:
    found = Progress()
    for event in events:
        found.take(event)
    return found


def _overview(facts: RunFacts, summary: Summary) -> Iterator[Section]:
    if summary.addresses:
        yield Section("Addresses", ("what", "address"), tuple(summary.addresses.items()))
    values = {
        f"{page}.{name}": shown(value)
        for page, fields in answers_as_json(facts.answers).items()
        for name, value in as_object(fields).items()
        if value not in (None, [])
    }
    rows = tuple((key, values[key], one.source) for key, one in facts.draft.given().items() if key in values)
    yield Section("Answers that were given", ("answer", "value", "source"), rows)


def _proofs(summary: Summary, events: Sequence[Event], progress: Progress) -> Iterator[Section]:
    if failed := tuple((step.title, step.text) for step in progress.steps.values() if step.state == "failed"):
        yield Section("Failed steps", ("step", "error"), failed)
    yield listed("Proved", summary.proved or ("nothing: the run has not reached its acceptance run",))
    if summary.kept:
        yield listed("Set by others and kept", summary.kept)
    waits = [event for event in events if event.kind == "question"]
    if waits:
        rows = tuple((event.at[:19].replace("T", " "), event.step, event.text.partition("\n")[0]) for event in waits)
        yield Section("Questions during the run", ("when (UTC)", "step", "question"), rows)


def _left(summary: Summary) -> Section:
    if not summary.left:
        return listed("Left to do", ("nothing",))
    return Section("Left to do", ("for", "what"), tuple((_owner(line), line) for line in summary.left))


def _owner(line: str) -> str:
    """The team that a line of remaining work concerns, by the subject that it begins with."""
    return next((owner for subject, owner in OWNERS.items() if line.startswith(subject)), "platform team")


def _operations(facts: RunFacts) -> Section:
    """The commands for what is needed most after the first day, with the names of this installation."""
    name = facts.name
    environments = Installation(facts.answers).environments
    rows = [
        ("repeat or change the installation", command(f"export {name} -o answers.yaml")),
        ("see what a change would do", command("plan answers.yaml")),
        ("apply it", command("apply answers.yaml --yes")),
        ("continue an interrupted run", command(f"resume {name}")),
        *(
            (f"a new credential for Prefect in {one}", command(f"rotate prefect-auth --env {one}"))
            for one in environments
        ),
        *((f"deploy your flows to {one}", command(f"flows deploy --env {one}")) for one in environments),
        ("deploy with az alone", command(f"export {name} --parameters parameters")),
        ("runbooks for those who operate it without the installer", command(f"report {name} --runbooks runbooks")),
        *((f"restore points of {one}", command(f"backup list --env {one}")) for one in environments),
        *((f"prove a restore of {one}", command(f"restore postgres --env {one} --proof")) for one in environments),
        ("send a record of the run to support", command(f"support-bundle {name} -o bundle.zip")),
    ]
    return Section("Commands", ("for", "command"), tuple(rows))
