"""Check: no policy in force denies a planned resource, and which policies change what is sent.

Source: REST API Microsoft.PolicyInsights/checkPolicyRestrictions at subscription scope; the request and the denials are those of
steps/policy_restrictions.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.json_access import as_text, member
from installer.preflight.model import Check, Finding, NotChecked, Proof, WayOut
from installer.preflight.reads import NotVisible, listing, post
from installer.resource_id import name_of, subscription_of
from installer.steps.policy_restrictions import answers_that_change, denials, question, signature

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.estate.bodies import PlannedBody
    from installer.preflight.model import Entry
    from installer.preflight.reads import Request
    from installer.preflight.subject import Subject
    from installer.steps.policy_restrictions import Denial


def _assignments(subscription: str) -> Request:
    path = f"/subscriptions/{subscription}/providers/Microsoft.Authorization/policyAssignments?api-version=2024-04-01"
    return listing(path, f"policy assignments of subscription {subscription}")


def _restrictions(planned: PlannedBody) -> Request:
    where = f"/subscriptions/{subscription_of(planned.id)}/providers/Microsoft.PolicyInsights/checkPolicyRestrictions"
    return post(f"{where}?api-version=2024-10-01", question(planned), f"what policies deny of {planned.type}")


def _entries(subject: Subject) -> Iterator[Entry]:
    """Asks about each kind of resource, where a policy is assigned."""
    subject.arm.ahead(_assignments(one) for one in subject.subscriptions)
    assigned = {one: subject.arm.every(_assignments(one)) for one in subject.subscriptions}
    names = {
        as_text(each.get("id")).lower(): as_text(member(each, "properties", "displayName"))
        for listed in assigned.values()
        for each in listed
    }
    kinds = {signature(body): body for body in reversed(subject.bodies) if assigned.get(subscription_of(body.id))}
    subject.arm.ahead(map(_restrictions, kinds.values()))
    found: dict[str, tuple[Denial, list[str]]] = {}
    asked = 0
    for body in reversed(kinds.values()):
        try:
            answer = subject.arm.ask(_restrictions(body))
        except NotVisible as unseen:
            yield NotChecked(unseen.what, unseen.why)
            break
        asked += 1
        for denial in denials(body, answer):
            key = f"{denial.assignment}|{denial.reference}|{denial.type}".lower()
            found.setdefault(key, (denial, []))[1].append(denial.name)
    for denial, resources in found.values():
        yield _denied(denial, resources, names.get(denial.assignment.lower(), ""))
    count = sum(map(len, assigned.values()))
    if not count:
        yield Proof("no policies are assigned")
    elif asked == len(kinds) and not found:
        yield Proof(f"{count} policy assignments deny none of {asked} kinds of resources")


def _denied(denial: Denial, resources: list[str], title: str) -> Finding:
    part = f", part {denial.reference} of the initiative," if denial.reference else ""
    label = f"{name_of(denial.assignment)} ({title})" if title else name_of(denial.assignment)
    more = f" and {len(resources) - 1} more" if len(resources) > 1 else ""
    references = f", policyDefinitionReferenceIds [{denial.reference}]" if denial.reference else ""
    keys, text = answers_that_change(denial.type)
    answer = (WayOut(f"change the answers {', '.join(keys)}: {text}"),) if keys else ()
    return Finding(
        "blocks",
        f"the policy assignment {label}{part} denies {denial.type} {resources[0]}{more}",
        denial.scope,
        f"Azure refuses the resource (definition {name_of(denial.definition)})",
        (
            *answer,
            WayOut(
                f"ask the owner of the assignment, at {denial.assignment.partition('/providers/Microsoft.Auth')[0] or '/'}, for "
                f"an exemption at {denial.scope}: policyAssignmentId {denial.assignment}{references}"
            ),
        ),
        "RequestDisallowedByPolicy",
    )


POLICY: Final = Check("policy", "Policies", _entries)
