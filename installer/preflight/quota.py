"""Check: one ledger of everything that the plan takes of quotas, against limit and use.

Node pools count with their maximum and the largest surge of an upgrade in each family: clusters upgrade their pools one
after the other. Existing resources are part of the current use and count only for what they may still grow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.json_access import as_text, member
from installer.preflight.footprint import machines, servers
from installer.preflight.model import Check, Finding, NotChecked, Proof, WayOut
from installer.preflight.offer_reads import machine_sizes, postgres_offer, usages
from installer.preflight.quota_lines import COMPUTE, WEB, Line, ledger, limited, whole
from installer.preflight.reads import NotVisible
from installer.preflight.subscription_reads import resources

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.jsontypes import Json
    from installer.preflight.model import Entry
    from installer.preflight.subject import Subject


def _entries(subject: Subject) -> Iterator[Entry]:
    places = sorted({(one.subscription, one.region) for one in machines(subject.bodies)})
    databases = sorted({(one.subscription, one.region) for one in servers(subject.bodies)})
    subject.arm.ahead(resources(one) for one in subject.subscriptions)
    subject.arm.ahead(machine_sizes(*one) for one in places)
    subject.arm.ahead(postgres_offer(*one) for one in databases)
    subject.arm.ahead(usages(*one) for one in limited(subject))
    existing = {
        as_text(found.get("id")).lower() for one in subject.subscriptions for found in subject.arm.every(resources(one))
    }
    lines: list[Line] = []
    for entry in ledger(subject, existing):
        if isinstance(entry, Line):
            lines.append(entry)
        else:
            yield entry
    yield from _compared(subject, lines)


def _compared(subject: Subject, lines: list[Line]) -> Iterator[Entry]:
    enough = 0
    for where in dict.fromkeys((line.namespace, line.subscription, line.region) for line in lines):
        request = usages(*where)
        try:
            listed = {
                as_text(member(one, "name", name)).lower(): one
                for one in subject.arm.every(request)
                for name in ("localizedValue", "value")
            }
        except NotVisible as unseen:
            yield NotChecked(unseen.what, unseen.why)
            continue
        for line in (one for one in lines if (one.namespace, one.subscription, one.region) == where):
            usage = listed.get(line.limit.lower())
            if usage is None:  # some limits exist in some regions only
                if line.namespace == WEB and listed:
                    yield NotChecked(f"quota {line.limit} of App Service in {line.region}", "Azure does not list it")
                continue
            finding = _finding(subject, line, usage)
            if finding is None:
                enough += 1
            else:
                yield finding
    if enough:
        yield Proof(f"{enough} quotas are large enough, with autoscaling and upgrades")


def _finding(subject: Subject, line: Line, usage: dict[str, Json]) -> Finding | None:
    limit, used = whole(usage.get("limit")), whole(usage.get("currentValue"))
    if limit < 0 or used + line.wanted <= limit:
        return None
    label = as_text(member(usage, "name", "localizedValue")) or line.limit
    more = used + line.wanted - limit
    command = "" if line.namespace == WEB else "az quota update, or "  # az quota does not know App Service
    ask = (
        f"ask for {more} more: {command}Quotas in the portal, {line.namespace}, {line.region}, "
        f"new limit {used + line.wanted}"
    )
    return Finding(
        "blocks",
        f"{label} in {line.region}: {line.wanted} needed, {max(limit - used, 0)} of {limit} free",
        f"/subscriptions/{line.subscription}/providers/{line.namespace}/locations/{line.region}",
        "Azure refuses what exceeds the limit, in the middle of the installation or when nodes are added",
        (*_smaller(subject, line), WayOut(ask)),
        _code(line),
    )


def _code(line: Line) -> str:
    if line.namespace == WEB:
        return "SubscriptionIsOverQuotaForSku"
    return "PublicIPCountLimitReached" if "publicip" in line.limit.lower() else "QuotaExceeded"


def _smaller(subject: Subject, line: Line) -> Iterator[WayOut]:
    sizing = subject.answers.sizing
    if line.namespace == WEB:
        yield WayOut("host the web app on Container Apps", (("platform.control_plane", "container_app"),))
    if line.namespace == COMPUTE and sizing.preset != "trial":
        yield WayOut("choose the size Trial", (("sizing.preset", "trial"),))
    if line.namespace == COMPUTE and sizing.worker_nodes_most > sizing.worker_nodes:
        yield WayOut("let the cluster not grow", (("sizing.worker_nodes_most", sizing.worker_nodes),))


QUOTA: Final = Check("quota", "Quota", _entries)
