"""Check: one ledger of everything that the plan takes of quotas, against limit and use.

Node pools count with their maximum and, for each cluster, the largest surge of an upgrade: a cluster upgrades its pools one after
the other, clusters with the same maintenance window at the same time. Existing resources are part of the current use and count only for what they may still grow.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from installer.json_access import as_text, member
from installer.preflight.environment_cores import environment_cores
from installer.preflight.footprint import machines, servers
from installer.preflight.model import Check, Finding, NotChecked, Proof, WayOut
from installer.preflight.offer_facts import CORES, free_of, names_of, usage_of, whole
from installer.preflight.offer_reads import APPS, COMPUTE, DATABASES, WEB, machine_sizes, postgres_offer, usages
from installer.preflight.offer_terms import UPGRADE, free_offer
from installer.preflight.other_sizes import other_families
from installer.preflight.quota_lines import Line, ledger, limited
from installer.preflight.reads import NotVisible
from installer.preflight.region_ranking import elsewhere
from installer.preflight.subscription_reads import existing_resources, resources

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.jsontypes import Json
    from installer.preflight.model import Entry
    from installer.preflight.subject import Subject

_NAT: Final = "microsoft.network/natgateways"
_RANKED: Final = frozenset({COMPUTE, DATABASES})
"""Providers whose limits are compared in other regions as well."""


def _entries(subject: Subject) -> Iterator[Entry]:
    places = sorted({(one.subscription, one.region) for one in machines(subject.bodies)})
    databases = sorted({(one.subscription, one.region) for one in servers(subject.bodies)})
    subject.arm.ahead(map(resources, subject.subscriptions))
    subject.arm.ahead(machine_sizes(*one) for one in places)
    subject.arm.ahead(postgres_offer(*one) for one in databases)
    subject.arm.ahead(usages(*one) for one in limited(subject))
    existing = set(existing_resources(subject))
    lines: list[Line] = []
    for entry in ledger(subject, existing):
        if isinstance(entry, Line):
            lines.append(entry)
        else:
            yield entry
    yield from _compared(subject, lines)
    yield from environment_cores(subject, existing)


def _compared(subject: Subject, lines: list[Line]) -> Iterator[Entry]:
    enough = 0
    for where in dict.fromkeys((line.namespace, line.subscription, line.region) for line in lines):
        request = usages(*where)
        try:
            listed = usage_of(subject.arm.every(request))
        except NotVisible as unseen:
            yield NotChecked(f"{unseen.what}{_place(lines, where[1])}", unseen.why)
            continue
        gaps: dict[str, list[str]] = defaultdict(list)
        for line in [one for one in lines if (one.namespace, one.subscription, one.region) == where]:
            usage = listed.get(line.limit.lower())
            if usage is None:
                gaps["Azure does not list it"].append(line.limit)
            elif reason := subject.arm.assumed(request, *names_of(usage)):
                gaps[reason].append(line.limit)
            elif (finding := _finding(subject, line, usage)) is None:
                enough += 1
            else:
                yield finding
        for reason, names in gaps.items():
            here = f"{where[2]}{_place(lines, where[1])}"
            yield NotChecked(f"quota {', '.join(names)} of {where[0]} in {here}", reason)
    if enough:
        yield Proof(f"{enough} quotas are large enough, with autoscaling and upgrades")


def _place(lines: list[Line], subscription: str) -> str:
    """The subscription of a limit, if there are limits of several."""
    return f", subscription {subscription}" if len({line.subscription.lower() for line in lines}) > 1 else ""


def _finding(subject: Subject, line: Line, usage: dict[str, Json]) -> Finding | None:
    left = free_of(usage)
    if left is None or line.wanted <= left:
        return None
    limit, used = whole(usage.get("limit")), whole(usage.get("currentValue"))
    label = as_text(member(usage, "name", "localizedValue")) or line.limit
    more = used + line.wanted - limit
    command = "" if line.namespace == WEB else "az quota update, or "  # az quota does not know App Service
    ask = (
        f"ask for {more} more: {command}Quotas in the portal, {line.namespace}, {line.region}, "
        f"new limit {used + line.wanted}"
    )
    free = free_offer(subject, line.subscription)
    return Finding(
        "blocks",
        f"{label} in {line.region}: {line.wanted} needed, {left} of {limit} free",
        f"/subscriptions/{line.subscription}/providers/{line.namespace}/locations/{line.region}",
        "Azure refuses what exceeds the limit, in the middle of the installation or when nodes are added",
        (
            *_smaller(subject, line),
            *(elsewhere(subject, line.region) if line.namespace in _RANKED else ()),
            *((WayOut(f"{UPGRADE}; the offer {free} gets no higher limits"),) if free else ()),
            WayOut(f"then {ask}" if free else ask),
        ),
        _code(line),
    )


def _code(line: Line) -> str:
    exceeded = "PublicIPCountLimitReached" if "publicip" in line.limit.lower() else "QuotaExceeded"
    return "SubscriptionIsOverQuotaForSku" if line.namespace == WEB else exceeded


def _smaller(subject: Subject, line: Line) -> Iterator[WayOut]:
    """Answers with which the plan takes less of a limit; those that do not help are left out when they are tried."""
    sizing = subject.answers.sizing
    trial = WayOut("choose the size Trial", (("sizing.preset", "trial"),))
    if line.namespace == COMPUTE:
        yield WayOut("let the cluster not grow", (("sizing.worker_nodes_most", sizing.worker_nodes),))
        if line.limit.lower() != CORES and not subject.tried:
            yield from other_families(subject, line)
        yield trial
        yield WayOut(
            "run flows on Container Apps, which takes no virtual machines", (("platform.runtime", "container_apps"),)
        )
    elif line.namespace == DATABASES:
        yield WayOut("use no standby server", (("sizing.postgres_ha", False),))
        yield WayOut("use one server for all environments", (("data.prod_server", False),))
        yield trial
    elif line.namespace == WEB:
        yield WayOut("host the web app on Container Apps", (("platform.control_plane", "container_app"),))
    elif line.namespace == APPS:
        yield WayOut("run flows on Kubernetes", (("platform.runtime", "aks"),))
        yield WayOut("host the web app on App Service", (("platform.control_plane", "app_service"),))
    elif "publicip" in line.limit.lower():
        if subject.answers.ingress.kind == "gateway":
            yield WayOut(
                "publish the web app through Front Door, which takes no address", (("ingress.kind", "frontdoor"),)
            )
        if any(body.type.lower() == _NAT for body in subject.bodies):
            yield WayOut("lead egress through an existing firewall", (("network.egress", "firewall"),))
    elif line.limit.lower() == "virtualnetworks":
        yield WayOut("use an existing hub", (("network.mode", "existing_hub"),))


QUOTA: Final = Check("quota", "Quota", _entries)
