"""DNS records and approvals of private connections in the plan, compared with Azure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.cloud.errors import AzureRefused
from installer.cloud.rest import ABSENT, ACCESS_DENIED
from installer.estate import keys
from installer.estate.parameters.context import Installation
from installer.planning.model import Change, PropertyChange
from installer.resource_id import group_of
from installer.steps.plan import name_steps
from installer.steps.private_link_approvals import Connection, connections_to_approve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.answers.model import Answers
    from installer.cloud.arm import Arm
    from installer.jsontypes import Json
    from installer.planning.model import Word
    from installer.steps.dns_records import DnsRecord, EnsureDnsRecords
    from installer.steps.private_link_approvals import ExpectedConnection


def record_changes(answers: Answers, arm: Arm, not_checked: list[str]) -> Iterator[Change]:
    """Changes of DNS records; a record that only the owner of its zone can write is by others. Queries Azure."""
    for step in name_steps(Installation(answers), arm.service):
        try:
            found = [_record(step, record, zone, present) for record, zone, present in step.compare()]
        except AzureRefused as refused:
            if refused.status not in ACCESS_DENIED:
                raise
            why = "this account may not read its zone or its ingress"
            not_checked.append(f"DNS records of {step.host}: {why}")
            found = [_unread(step, "unknown", why)]
        yield from found or [_unread(step, "create", "its value is known once the ingress is deployed")]


def _unread(step: EnsureDnsRecords, word: Word, why: str) -> Change:
    """The records of a host whose values are not known."""
    return Change(f"dns:{step.host}", "DNS record", step.host, "", step.key, word, (), (), step.environment, "dns", why)


def _record(step: EnsureDnsRecords, record: DnsRecord, zone: str | None, present: tuple[str, ...]) -> Change:
    word: Word = "same" if record.value in present else "wait" if step.is_by_owner(record, zone, present) else "create"
    why = {"wait": f"the owner of the zone creates it: {record.line}"}.get(word, "")
    was: Json = list(present) if present else None
    shown = () if word == "same" else (PropertyChange(record.kind, was, record.value),)
    return Change(
        f"dns:{record.kind}:{record.name}",
        f"DNS record/{record.kind}",
        record.name,
        group_of(zone) if zone else "",
        step.key,
        word,
        tuple(one.path for one in shown),
        shown,
        step.environment,
        "dns",
        why,
    )


def approval_changes(answers: Answers, arm: Arm, not_checked: list[str]) -> Iterator[Change]:
    """Approvals of the private connections that services of Microsoft request. Queries Azure."""
    it, service = Installation(answers), arm.service
    for environment in it.environments:
        for wanted in connections_to_approve(it, environment):
            try:
                listed = service.every(wanted.path, doing=f"private connections of {wanted.target}")
            except AzureRefused as refused:
                if refused.status != ABSENT and refused.status not in ACCESS_DENIED:
                    raise
                if refused.status != ABSENT:
                    not_checked.append(f"{wanted.name}: this account may not read its connections")
                listed = []
            found = [one for one in map(Connection.of, listed) if one.is_of(wanted)]
            yield _approval(wanted, found, environment)


def _approval(wanted: ExpectedConnection, found: list[Connection], environment: str) -> Change:
    states = [one.status for one in found]
    word: Word
    if "Approved" in states and "Pending" not in states:
        word = "same"
    elif states and set(states) <= {"Rejected", "Disconnected"}:
        word = "wait"
    else:
        word = "change" if states else "create"
    shown = () if word == "same" else (PropertyChange("status", states[0] if states else None, "Approved"),)
    why = "its owner rejected it and has to approve it, or to delete it" if word == "wait" else ""
    return Change(
        f"approval:{wanted.target}:{wanted.sign}",
        "private connection",
        wanted.name,
        group_of(wanted.target),
        keys.approvals(environment),
        word,
        tuple(one.path for one in shown),
        shown,
        environment,
        "approval",
        why,
    )
