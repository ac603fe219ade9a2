"""Texts about policies: denials with their owners, changes, exemptions, later deployments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.estate.resource_type_names import type_name
from installer.json_access import as_text, member
from installer.policy.assignments import ends_at, scope_of
from installer.policy.fields import is_tag, tag_name
from installer.preflight.model import Finding, Proof, WayOut
from installer.preflight.moments import shown_moment
from installer.resource_id import group_of, name_of, parse_id, subscription_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from installer.estate.bodies import PlannedBody
    from installer.jsontypes import Json
    from installer.policy.book import Rule
    from installer.policy.effects import FieldChange
    from installer.policy.objects import PolicyObject
    from installer.preflight.model import Entry
    from installer.preflight.policies.judging import Concerned

_MAX_NAMED: Final = 3


def _label(rule: Rule) -> str:
    """Assignment with its title, and the part of the initiative."""
    found = rule.assignment.found
    title = as_text(found.properties.get("displayName"))
    name = f"{found.name} ({title})" if title else found.name
    return f"{name}, part {rule.reference} of the initiative," if rule.reference else name


def unjudged_label(rule: Rule) -> str:
    """Assignment and definition of a rule whose answer is not known."""
    return f"{rule.assignment.shown_name} ({rule.definition.name})"


def named(labels: list[str]) -> str:
    """The first few of many labels."""
    more = f" and {len(labels) - _MAX_NAMED} more" if len(labels) > _MAX_NAMED else ""
    return f"{', '.join(labels[:_MAX_NAMED])}{more}"


def _some(bodies: list[PlannedBody]) -> str:
    return named([_name(one) for one in bodies])


def _typed(bodies: list[PlannedBody]) -> str:
    """Resources with their type, or with the number of their types."""
    kinds = dict.fromkeys(one.type for one in bodies)
    return f"{bodies[0].type if len(kinds) == 1 else f'{len(kinds)} types of resources:'} {_some(bodies)}"


def _name(body: PlannedBody) -> str:
    """All segments of a name, such as app/slot."""
    parsed = parse_id(body.id)
    return parsed.name if parsed else body.name


def _shown(body: PlannedBody) -> str:
    """The name; of what AKS creates, which has none yet, its type and its cluster."""
    name = _name(body)
    return f"{type_name(body.type)} {name}" if " " in name else name


def _owner(rule: Rule) -> str:
    """Owner of an assignment: who assigned it, and where. Source: assignment-structure, metadata (assignedBy)."""
    person = as_text(member(rule.assignment.found.properties, "metadata", "assignedBy"))
    scope = rule.assignment.id.partition("/providers/Microsoft.Auth")[0] or "/"
    return f"{person}, at {scope}" if person else f"the owner of the assignment, at {scope}"


def _scope(bodies: list[PlannedBody]) -> str:
    """The narrowest scope of an exemption for some resources: their group, else their subscription."""
    groups = {group_of(one.id) for one in bodies}
    where = f"/subscriptions/{subscription_of(bodies[0].id)}"
    name = next(iter(groups))
    return f"{where}/resourceGroups/{name}" if len(groups) == 1 and name else where


def denied_finding(
    concerned: Concerned, ways: tuple[WayOut, ...], lapsed: PolicyObject | None = None, *, confirmed: bool
) -> Finding:
    """A rule that denies planned resources; `lapsed`: the exemption that freed them until it expired."""
    rule, bodies = concerned.rule, concerned.bodies
    scope = _scope(bodies)
    references = f", policyDefinitionReferenceIds [{rule.reference}]" if rule.reference else ""
    proof = "confirmed by Azure" if confirmed else "by the definition that was read; Azure was not asked"
    exemption = WayOut(
        f"ask {_owner(rule)} for an exemption at {scope}: policyAssignmentId {rule.assignment.id}{references}"
    )
    if lapsed is not None:
        exemption = WayOut(f"ask {_owner(rule)} to renew the exemption {lapsed.name}, which {_ended(lapsed)}")
    return Finding(
        "blocks",
        f"the policy assignment {_label(rule)} denies {_typed(bodies)}",
        scope,
        f"Azure refuses the resource (definition {name_of(rule.definition.id)}: {rule.definition.name}; {proof})",
        (*ways, exemption),
        "RequestDisallowedByPolicy",
        f"{rule.assignment.id}|{rule.reference or rule.definition.id}".lower(),
    )


def changed_finding(change: FieldChange, bodies: list[PlannedBody], ways: tuple[WayOut, ...]) -> Finding:
    """A value that a rule sets on planned resources."""
    what = (
        f"the tag {tag_name(change.field)}"
        if is_tag(change.field) and len(change.field) > len("tags")
        else change.field
    )
    does = f"removes {what} of" if change.value is None else f"sets {what} to {_value(change.value)} on"
    return Finding(
        "warns",
        f"the policy assignment {_label(change.rule)} {does} {_some(bodies)}",
        _scope(bodies),
        "the resource differs from the answers: each run sends the value of the answers, the policy changes it again, and a "
        "plan shows the difference as a change",
        (*ways, WayOut("nothing to do, if the value of the policy is right for the installation")),
    )


def _value(value: Json) -> str:
    return value if isinstance(value, str) else str(value)


def exemption_entry(exemption: PolicyObject, rules: Iterable[Concerned], now: float, longest: float) -> Entry:
    """An exemption that frees planned resources: a finding if it may end before the run, which takes `longest` seconds at most."""
    found = [*rules]
    names = ", ".join(dict.fromkeys(one.rule.assignment.found.name for one in found))
    freed = named([*dict.fromkeys(_shown(body) for one in found for body in one.bodies)])
    end = ends_at(exemption)
    if end > now + longest:
        ends = as_text(exemption.properties.get("expiresOn"))
        until = f"until {ends}; later runs need another one" if ends else "without an expiry"
        return Proof(f"the exemption {exemption.name} frees {freed} from {names}, {until}")
    scope = scope_of(exemption)
    return Finding(
        "warns",
        f"the exemption {exemption.name} from {names} ends {shown_moment(end)}, and the run may take until {shown_moment(now + longest)}",
        scope,
        f"after it Azure refuses {freed} again, in the middle of the run",
        (
            WayOut(
                f"ask {_owner(found[0].rule)} to extend it: az policy exemption update -n {exemption.name} --scope {scope} "
                "--expires-on DATE"
            ),
        ),
        "RequestDisallowedByPolicy",
    )


def _ended(exemption: PolicyObject) -> str:
    return f"ended {shown_moment(ends_at(exemption))}"


def later_proof(concerned: Concerned) -> Proof:
    """Something that a rule deploys beside planned resources after they exist."""
    rule, bodies = concerned.rule, concerned.bodies
    kind = as_text(member(rule.definition.details, "type"))
    return Proof(
        f"the policy assignment {_label(rule)} deploys {kind} for {_some(bodies)} some time after they exist; a run keeps it"
    )
