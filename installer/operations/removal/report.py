"""The forecast of a removal as text. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.conventions.counts import counted
from installer.planning.document import Section, as_text, listed
from installer.preflight.gate import sentence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.operations.removal.model import Forecast, GroupPlan


def rendered(forecast: Forecast, *, verbose: bool = False) -> str:
    """The forecast as plain text; `verbose` names each resource of a group that goes as a whole."""
    if not (forecast.going or forecast.kept or forecast.names):
        return f"Removal of {forecast.subject}: nothing of it exists\n"
    if not forecast.going:
        return as_text(
            f"Removal of {forecast.subject}: nothing is deleted", [], list(_sections(forecast, verbose=verbose))
        )
    return as_text(f"Removal of {forecast.subject}", [], list(_sections(forecast, verbose=verbose)))


def _sections(forecast: Forecast, *, verbose: bool) -> Iterator[Section]:
    for group in forecast.groups:
        yield _group(group, verbose=verbose)
    beside = [one.shown for one in (*forecast.locks, *forecast.backups, *forecast.outside)]
    beside += [f"{one.title} (App registration)" for one in forecast.applications]
    if forecast.deployments:
        beside.append(f"{counted(len(forecast.deployments), 'record')} of deployments")
    parts = (
        ("Deleted outside these groups, and before them", beside),
        ("Data that is lost", forecast.lost),
        ("Stays", [one.sentence for one in forecast.kept]),
        ("Names that stay blocked", [f"{one.what}, until {one.until}: {one.way}" for one in forecast.names]),
        ("Not checked", [one.sentence for one in forecast.not_checked]),
        ("In the way", [sentence(one) for one in forecast.findings]),
    )
    yield from (listed(title, lines) for title, lines in parts if lines)


def _group(group: GroupPlan, *, verbose: bool) -> Section:
    """A group: as a whole by number and types of its resources, else each of them."""
    if not group.whole or verbose:
        title = f"Resource group {group.name}: {'deleted' if group.whole else 'stays, without'}"
        return listed(title, [one.shown for one in group.items])
    kinds: dict[str, int] = {}
    for one in group.items:
        kinds[one.kind] = kinds.get(one.kind, 0) + 1
    rows = tuple((str(number), kind) for kind, number in sorted(kinds.items()))
    return Section(f"Resource group {group.name}: deleted, with everything in it", ("Number", "Type"), rows)
