"""Policies on what AKS creates itself: the node resource group of each cluster, which no template has.

Azure judges these resources as any others, and the cluster fails with them: github.com/Azure/AKS/issues/211 and 892,
github.com/dotnet/core/issues/3612. Sources of the types: azure-aks-docs, aks/faq.yml (why there are two resource groups),
aks/egress-outboundtype.md (load balancer with a public IP address unless another outbound type is chosen), aks/use-tags.md (tags of
the cluster are those of its resources, too). Only the type, the region and the tags are known before they exist.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.estate.bodies import PlannedBody
from installer.json_access import as_object, as_text, member
from installer.policy.fields import Subject as Requested
from installer.policy.outcomes import EvaluationError, NotJudgedError, UndecidedError
from installer.preflight.footprint import CLUSTER
from installer.preflight.model import NotChecked, WayOut
from installer.preflight.policies.findings import denied_finding, named, unjudged_label
from installer.preflight.policies.judging import Concerned
from installer.resource_id import GROUP_TYPE, group_of, subscription_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from installer.jsontypes import Json
    from installer.policy.book import Rule
    from installer.preflight.model import Entry
    from installer.preflight.policies.judging import Exempt
    from installer.preflight.policies.reads import InForce
    from installer.preflight.subject import Subject

_ALWAYS: Final = (
    "Microsoft.Compute/virtualMachineScaleSets",
    "Microsoft.Network/loadBalancers",
    "Microsoft.Network/networkSecurityGroups",
    "Microsoft.ManagedIdentity/userAssignedIdentities",
)
_OUTBOUND: Final = "Microsoft.Network/publicIPAddresses"
"""With the outbound type loadBalancer."""
_DECIDED_BY_AKS: Final = ("properties", "sku", "kind", "identity", "zones", "plan", "managedBy")
_LATER: Final = "[reference('the cluster')]"
_VERSION: Final = "2024-01-01"
_NO_CLUSTER: Final = (
    WayOut("run flows on Container Apps, which has no node resource group", (("platform.runtime", "container_apps"),)),
)
UNKNOWN: Final = "what AKS puts into its node resource groups is known only when it exists"


def node_group_entries(
    subject: Subject, in_force: InForce, bodies: Iterable[PlannedBody], denied: Iterable[Rule], exempt: Exempt
) -> Iterator[Entry]:
    """Rules that deny types which AKS creates, and those whose answer depends on more than the type.

    Args:
        subject: The subject of the check.
        in_force: Rules of one subscription.
        bodies: Its planned resources.
        denied: Rules that already deny planned resources.
        exempt: Exemptions with the rules and resources that they free; those of node resource groups are added.

    """
    known = {_key(rule) for rule in denied}
    found: dict[tuple[str, str], Concerned] = {}
    unknown: dict[str, None] = {}
    for body in _created(bodies):
        requested = _requested(body)
        for rule in in_force.book.candidates(requested):
            if not _denies(in_force, rule, requested):
                continue
            waiver = in_force.book.waivers.exemption(rule.assignment, rule.reference, requested, subject.now())
            try:
                if not rule.definition.judged(rule.evaluation(requested, subject.now())):
                    continue
            except (EvaluationError, NotJudgedError, UndecidedError):
                unknown.update({} if waiver else {unjudged_label(rule): None})
                continue
            if waiver is None:
                found.setdefault(_key(rule), Concerned(rule)).bodies.append(body)
            else:
                freed = exempt.setdefault(waiver.key, (waiver, {}))[1]
                freed.setdefault((*_key(rule), body.type.lower()), Concerned(rule)).bodies.append(body)
    for key, concerned in found.items():
        if key not in known:
            yield denied_finding(concerned, _NO_CLUSTER, confirmed=False)
    if unknown:
        yield NotChecked(f"the policy assignment {named([*unknown])}", UNKNOWN)


def _created(bodies: Iterable[PlannedBody]) -> Iterator[PlannedBody]:
    """Resources that AKS creates for each planned cluster, with their known members."""
    for cluster in bodies:
        if cluster.type.lower() != CLUSTER:
            continue
        properties = as_object(cluster.body.get("properties"))
        group = as_text(properties.get("nodeResourceGroup")) or (
            f"MC_{group_of(cluster.id)}_{cluster.name}_{as_text(cluster.body.get('location'))}"
        )
        outbound = as_text(member(properties, "networkProfile", "outboundType")).lower() or "loadbalancer"
        where = f"/subscriptions/{subscription_of(cluster.id)}/resourceGroups/{group}"
        shared: dict[str, Json] = {name: item for name, item in cluster.body.items() if name in ("location", "tags")}
        for kind in (*_ALWAYS, *((_OUTBOUND,) if outbound == "loadbalancer" else ())):
            name = f"of the cluster {cluster.name}"
            yield PlannedBody(f"{where}/providers/{kind}/{name}", kind, name, _VERSION, shared)


def _requested(body: PlannedBody) -> Requested:
    """The request for a resource, with what AKS decides as values that only the run knows."""
    content: dict[str, Json] = {**dict.fromkeys(_DECIDED_BY_AKS, _LATER), **body.body}
    group: dict[str, Json] = {"name": group_of(body.id), "type": GROUP_TYPE, **body.body}
    return Requested(body.id, body.type, _LATER, _LATER, content, body.api_version, predicted=True, group=group)


def _denies(in_force: InForce, rule: Rule, requested: Requested) -> bool:
    """Whether a rule that may be true denies a resource that is not exempt: by its effect and its enforcement."""
    effect = rule.assignment.effect(rule.reference, requested, rule.definition.effect)
    return effect == "deny" and in_force.book.waivers.enforced(rule.assignment, rule.reference, requested)


def _key(rule: Rule) -> tuple[str, str]:
    return (rule.assignment.id.lower(), (rule.reference or rule.definition.id).lower())
