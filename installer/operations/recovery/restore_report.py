"""The plan of a restore as text. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.conventions.counts import counted
from installer.estate.resource_type_names import type_name
from installer.planning.document import Section, as_text, listed
from installer.preflight.gate import sentence
from installer.preflight.moments import shown_moment
from installer.resource_id import name_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.operations.recovery.restore_model import RestorePlan


def rendered(plan: RestorePlan) -> str:
    """The plan as plain text."""
    source = plan.source
    others = [name for name in source.environments if name != plan.environment]
    lead = [
        f"{source.name} as of {shown_moment(plan.at)}, to the new server {plan.name}; {source.name} is not changed",
        f"Restore points: {shown_moment(plan.earliest)} to {shown_moment(plan.latest)}",
    ]
    if others:
        lead.append(f"A restore is of the whole server: it has the databases of {', '.join(others)}, too")
    return as_text("Restore of PostgreSQL", lead, list(_sections(plan)))


def _sections(plan: RestorePlan) -> Iterator[Section]:
    writes = (plan.server, *plan.settings, *plan.endpoints)
    yield Section("Created", ("", ""), tuple((type_name(one.type), name_of(one.id)) for one in writes))
    yield listed("Databases", plan.source.databases)
    yield listed("Not in it", plan.missing)
    size = f"it costs as a second server of the size {plan.source.size} while it exists"
    yield listed("Cost", [f"{size}; the proof deletes it" if plan.proof else size])
    if plan.next_steps:
        yield listed("Afterwards", plan.next_steps)
    if plan.not_checked:
        yield listed(
            f"Not checked: {counted(len(plan.not_checked), 'fact')}", [one.sentence for one in plan.not_checked]
        )
    if plan.findings:
        yield listed("In the way", [sentence(one) for one in plan.findings])
