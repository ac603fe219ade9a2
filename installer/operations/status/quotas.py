"""Question: which quotas are near their limit: used, with what node pools may still grow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.conventions.counts import counted
from installer.json_access import as_text, member
from installer.operations.status.model import Line, Question, Way
from installer.preflight.offer_facts import free_of, names_of, usage_of, whole
from installer.preflight.offer_reads import WEB, usages
from installer.preflight.quota_lines import Line as Limit
from installer.preflight.quota_lines import ledger, limited
from installer.preflight.reads import NotVisible
from installer.preflight.subscription_reads import existing_resources

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.jsontypes import Json
    from installer.operations.status.observed import Observed

_NEAR: Final = 0.9
"""Chosen: a tenth of a limit is left."""


def _lines(observed: Observed) -> Iterator[Line]:
    subject = observed.subject
    subject.arm.ahead(usages(*one) for one in limited(subject))
    enough = 0
    for entry in ledger(subject, set(existing_resources(subject))):
        if not isinstance(entry, Limit):
            yield Line(f"quotas/{_slug(entry)}", _slug(entry), "not read", getattr(entry, "why", ""))
            continue
        request = usages(entry.namespace, entry.subscription, entry.region)
        key, name = f"quotas/{entry.region}-{entry.limit}", f"{entry.limit} in {entry.region}"
        try:
            usage = usage_of(subject.arm.every(request)).get(entry.limit.lower())
        except NotVisible as unseen:
            yield Line(key, name, "not read", unseen.why)
            continue
        if usage is None:
            yield Line(key, name, "not read", "Azure does not list this limit")
        elif reason := subject.arm.assumed(request, *names_of(usage)):
            yield Line(key, name, "not read", reason)
        elif problem := _problem(entry, usage):
            label = as_text(member(usage, "name", "localizedValue")) or entry.limit
            yield Line(key, f"{label} in {entry.region}", "attention", problem, ways=(_ask(entry, usage),))
        else:
            enough += 1
    if enough:
        yield Line("quotas/enough", "Quotas", "ok", f"{counted(enough, 'limit')} with room")


def _slug(entry: object) -> str:
    return as_text(getattr(entry, "what", "quota"))


def _problem(limit: Limit, usage: dict[str, Json]) -> str:
    """Why a limit is near, "" if it is not."""
    free, most, used = free_of(usage), whole(usage.get("limit")), whole(usage.get("currentValue"))
    if free is None:
        return ""
    if limit.wanted > free:
        return f"{used} of {most} used; this installation may grow by {limit.wanted}"
    return f"{used} of {most} used" if most and used >= _NEAR * most else ""


def _ask(limit: Limit, usage: dict[str, Json]) -> Way:
    more = max(whole(usage.get("currentValue")) + limit.wanted, whole(usage.get("limit")) + 1)
    update = "" if limit.namespace == WEB else "az quota update, or "  # az quota does not know App Service
    return Way(
        f"ask for a higher limit: {update}Quotas in the portal, {limit.namespace}, {limit.region}, new limit {more}"
    )


QUOTAS: Final = Question("quotas", "Quotas", _lines)
