"""Question: what differs in Azure from the answers and the templates, by what-if over the stages with its noise folded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.conventions.counts import counted
from installer.estate.parameters import stages
from installer.operations.status.model import Line, Question, State, Way
from installer.planning.model import WRITES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.operations.status.observed import Drift, Observed
    from installer.planning.model import Change

_NAMED: Final = 3
"""Resources of a stage, and properties of a resource, that a line names."""
_BESIDE: Final = {
    "approval": "Private endpoint connections",
    "directory": "App registration",
    "dns": "DNS records",
    "prefect": "Prefect",
}
"""Subjects of the changes that no stage makes, by their family."""
_SET_BACK: Final = Way("set it back to the answers and templates: a plan, then a run of this plan", "apply")


def _lines(observed: Observed) -> Iterator[Line]:
    drift = observed.drift()
    changes: dict[str, list[Change]] = {}
    for change in drift.plan.changes:
        if change.change in WRITES:
            changes.setdefault(change.stage, []).append(change)
    titles = {spec.key: (spec.title, spec.environment or "") for spec in stages(observed.subject.answers)}
    for stage, found in changes.items():
        title, environment = titles.get(stage, (_BESIDE.get(found[0].family, stage), found[0].environment))
        state: State = "broken" if any(one.change == "create" for one in found) else "attention"
        text = f"{_cause(drift, stage)}: {'; '.join(map(_shown, found[:_NAMED]))}"
        more = f"; and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
        yield Line(
            f"drift/{stage}",
            title,
            state,
            f"{_counts(found)} differ{'' if len(found) > 1 else 's'}, {text}{more}",
            environment,
            (_SET_BACK,),
        )
    if not changes:
        same = drift.plan.counts.get("same", 0)
        folded = f"; {counted(drift.plan.noise, 'difference')} of no effect" if drift.plan.noise else ""
        yield Line(
            "drift/none", "Resources", "ok", f"{counted(same, 'resource')} as in the answers and templates{folded}"
        )
    for number, finding in enumerate(drift.plan.findings, 1):
        yield Line(f"drift/refused-{number}", "Comparison", "attention", finding.what)
    for number, text in enumerate(drift.plan.not_checked, 1):
        subject, _, why = text.partition(": ")
        yield Line(f"drift/unread-{number}", subject, "not read", why or text)


def _counts(found: list[Change]) -> str:
    properties = sum(len(one.paths) for one in found)
    return counted(len(found), "resource") + (
        f" ({counted(properties, 'property', 'properties')})" if properties else ""
    )


def _cause(drift: Drift, stage: str) -> str:
    """Cause: others, or FlowForge with newer templates, answers or secrets."""
    if stage in drift.sent_as_now:
        return "changed by others"
    if stage in drift.plan.deployments:
        return "newer templates or answers than the last deployment"
    return "not as the run has left it" if stage not in drift.plan.templates else "not deployed by FlowForge"


def _shown(change: Change) -> str:
    if change.change == "create":
        return f"{change.shown} is missing"
    if change.change == "delete":
        return f"{change.shown} is no longer asked for"
    more = f" and {len(change.paths) - _NAMED} more" if len(change.paths) > _NAMED else ""
    return f"{change.shown}: {', '.join(change.paths[:_NAMED])}{more}" if change.paths else change.shown


DRIFT: Final = Question("drift", "Drift", _lines)
