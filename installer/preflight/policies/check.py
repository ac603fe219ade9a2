"""Check: no policy in force denies a planned resource, and which policies change what is sent.

The engine judges every planned resource by the definitions that were read. Azure confirms each denial
(checkPolicyRestrictions); it is not asked about values of the run, which it does not know either.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from installer.conventions.counts import counted
from installer.policy.judgement import FAILS
from installer.preflight.model import Check, NotChecked, Proof
from installer.preflight.policies.findings import (
    changed_finding,
    denied_finding,
    exemption_entry,
    later_proof,
    named,
    unjudged_label,
)
from installer.preflight.policies.judging import Concerned, facts_of, verdicts
from installer.preflight.policies.node_groups import node_group_entries
from installer.preflight.policies.reads import policies_in_force
from installer.preflight.policies.restrictions import denials, restrictions
from installer.preflight.policies.ways import Trial, advice, ways_of
from installer.preflight.reads import NotVisible
from installer.resource_id import group_of, subscription_of
from installer.steps.run_duration import run_duration

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from installer.estate.bodies import PlannedBody
    from installer.policy.book import NotJudged, Rule
    from installer.policy.objects import PolicyObject
    from installer.preflight.model import Entry, Finding
    from installer.preflight.policies.judging import Facts, Key, Verdicts
    from installer.preflight.policies.reads import InForce
    from installer.preflight.subject import Subject

_MAX_ASKED: Final = 20
"""Questions to Azure about one subscription; what is not asked is reported as not checked."""
_MODE: Final = "judges objects inside the service"
_MANAGED: Final = {
    "microsoft.kubernetes.data": "microsoft.containerservice/managedclusters",
    "microsoft.keyvault.data": "microsoft.keyvault/vaults",
}
"""Modes of resource providers, with the planned type inside which they judge; others judge nothing of the estate."""


@dataclass
class _Azure:
    """Responses of Azure for planned resources.

    Attributes:
        asked: Resources that Azure was asked about, by id.
        denied: What it denies: resource, assignment and reference in the initiative, the latter in lower case.

    """

    asked: set[str] = field(default_factory=set)
    denied: set[tuple[str, str, str]] = field(default_factory=set)

    def confirms(self, concerned: Concerned) -> bool:
        """Whether Azure denies the first resource by the same assignment and part of an initiative."""
        rule = concerned.rule
        return (concerned.bodies[0].id, rule.assignment.id.lower(), rule.reference.lower()) in self.denied


def _entries(subject: Subject) -> Iterator[Entry]:
    count, denied, unjudged = 0, 0, 0
    for name, in_force in policies_in_force(subject):
        if isinstance(in_force, (NotChecked, Proof)):
            found: Iterable[Entry] = [in_force]
        else:
            count += in_force.assignments
            found = _subscription(subject, name, in_force)
        for entry in found:
            unjudged += isinstance(entry, NotChecked)
            denied += not isinstance(entry, (Proof, NotChecked)) and entry.severity == "blocks"
            yield entry
    if count and not denied:
        rest = "what could be judged of " if unjudged else ""
        yield Proof(
            f"{rest}{counted(count, 'policy assignment')} {'denies' if rest or count == 1 else 'deny'} none of "
            f"{counted(len(subject.bodies), 'resource')}"
        )


def _subscription(subject: Subject, name: str, in_force: InForce) -> Iterator[Entry]:
    bodies = [one for one in subject.bodies if subscription_of(one.id).lower() == name.lower()]
    facts = facts_of(subject, name)
    judged = verdicts(bodies, in_force, facts, subject.now)
    azure = _asked(subject, [*_representatives(judged)])
    trial = Trial(subject, name, in_force, facts, frozenset(judged.denied))
    yield from _denials(trial, judged, azure)
    yield from _changes(trial, judged)
    denying = [concerned.rule for concerned in judged.denied.values()]
    in_node_groups = [*node_group_entries(subject, in_force, bodies, denying, judged.exempt)]
    yield from _exemptions(subject, judged)
    for concerned in judged.later.values():
        yield later_proof(concerned)
    yield from in_node_groups
    yield from in_force.unseen
    yield from _unseen_facts(in_force, facts)
    yield from _unjudged(in_force, judged, {one.type.lower() for one in bodies})


def _exemptions(subject: Subject, judged: Verdicts) -> Iterator[Entry]:
    """Exemptions that free what is planned, and whether they last as long as the run."""
    if judged.exempt:
        longest = run_duration(subject.answers, subject.target).high
        for exemption, rules in judged.exempt.values():
            yield exemption_entry(exemption, rules.values(), subject.now(), longest)


def _unseen_facts(in_force: InForce, facts: Facts) -> Iterator[NotChecked]:
    """Facts that rules read and that were not seen: these rules were judged as if there were no such tags."""
    for function, gap in facts.unseen.items():
        reading = [rule for rule in in_force.book.rules if function in _text(rule)]
        if labels := [*dict.fromkeys(unjudged_label(rule) for rule in reading)]:
            yield NotChecked(f"what the policy assignment {named(labels)} reads: {gap.what}", gap.why)


def _text(rule: Rule) -> str:
    return json.dumps([rule.definition.condition, rule.definition.details]).lower()


def _representatives(judged: Verdicts) -> Iterator[PlannedBody]:
    """One resource of each rule that denies some."""
    for parts in _by_rule(judged.denied).values():
        yield parts[0][1].bodies[0]


def _asked(subject: Subject, bodies: list[PlannedBody]) -> _Azure:
    # A survey is answered by the same engine, which confirms nothing.
    chosen = [] if subject.surveyed else [*{one.id: one for one in bodies}.values()][:_MAX_ASKED]
    subject.arm.ahead(map(restrictions, chosen))
    azure = _Azure()
    for body in chosen:
        try:
            response = subject.arm.ask(restrictions(body))
        except NotVisible:  # the finding reports it
            break
        azure.asked.add(body.id)
        for denial in denials(response):
            azure.denied.add((body.id, denial.assignment.lower(), denial.reference.lower()))
    return azure


def _denials(trial: Trial, judged: Verdicts, azure: _Azure) -> Iterator[Entry]:
    for parts in _by_rule(judged.denied).values():
        concerned = parts[0][1]
        first = concerned.bodies[0]
        if first.id in azure.asked and not azure.confirms(concerned) and not _of_new_group(trial, concerned):
            yield NotChecked(
                f"the policy assignment {concerned.rule.assignment.shown_name} on {first.type} {first.name}",
                "its definition denies the resource, but Azure reports no denial",
            )
            continue
        failure = _failure(judged, concerned.rule)
        lapsed = next((one for key, _ in parts if (one := judged.lapsed.get(key))), None)
        found = _finding(trial, parts, lapsed, confirmed=azure.confirms(concerned))
        yield replace(found, why=f"{found.why}; it fails: {failure}") if failure else found
    for parts in _by_rule(judged.undecided).values():
        rule = parts[0][1].rule
        kinds = ", ".join(dict.fromkeys(one.bodies[0].type for _, one in parts))
        yield NotChecked(
            f"the policy assignment {unjudged_label(rule)} on {kinds}",
            "it depends on values that exist only during the run",
        )


def _finding(
    trial: Trial, parts: list[tuple[Key, Concerned]], lapsed: PolicyObject | None, *, confirmed: bool
) -> Finding:
    rule = parts[0][1].rule
    whole = Concerned(rule, [body for _, one in parts for body in one.bodies])
    kind = whole.bodies[0].type
    tried = [*ways_of(trial, frozenset(key for key, _ in parts), rule, whole.bodies)]
    return denied_finding(whole, (*tried, *(() if tried else advice(rule, kind))), lapsed, confirmed=confirmed)


def _failure(judged: Verdicts, rule: Rule) -> str:
    """The first failure of the evaluation of a rule, "" if it did not fail."""
    own = (rule.assignment.shown_name, rule.definition.name)
    failed = (one.reason for one in judged.notes if (one.assignment, one.definition) == own)
    return next((one.removeprefix(FAILS) for one in failed if one.startswith(FAILS)), "")


def _of_new_group(trial: Trial, concerned: Concerned) -> bool:
    """Whether a rule reads a group that does not exist yet, of which Azure knows nothing."""
    group = group_of(concerned.bodies[0].id).lower()
    return (
        "resourcegroup(" in json.dumps(concerned.rule.definition.condition).lower() and group not in trial.facts.groups
    )


def _by_rule(found: dict[Key, Concerned]) -> dict[tuple[str, str], list[tuple[Key, Concerned]]]:
    """Results of each rule, with all types of resources."""
    groups: dict[tuple[str, str], list[tuple[Key, Concerned]]] = defaultdict(list)
    for key, concerned in found.items():
        groups[key[0], key[1]].append((key, concerned))
    return groups


def _changes(trial: Trial, judged: Verdicts) -> Iterator[Entry]:
    """A finding for each change, with all types of resources together."""
    groups = defaultdict(list)
    for (key, name, value), (change, bodies) in judged.changed.items():
        groups[key[0], key[1], name, value].append((key, change, bodies))
    for parts in groups.values():
        _, change, bodies = parts[0]
        every = [one for _, _, some in parts for one in some]
        keys = frozenset(key for key, _, _ in parts)
        yield changed_finding(change, every, (*ways_of(trial, keys, change.rule, every),))


def _unjudged(in_force: InForce, judged: Verdicts, types: set[str]) -> Iterator[Entry]:
    """Rules in force that were not judged, one entry for each reason."""
    reasons: dict[str, dict[str, None]] = defaultdict(dict)
    denying = {(one.rule.assignment.shown_name, one.rule.definition.name) for one in judged.denied.values()}
    named_once: set[tuple[str, str]] = set()
    for one in [*in_force.book.not_judged, *judged.notes]:
        if one.reason.startswith(FAILS):
            rule = (one.assignment, one.definition)
            if rule in denying | named_once:  # the finding has it, or an entry about another resource
                continue
            named_once.add(rule)
        if reason := _reason(one, types, listed=not in_force.unseen):
            label = f"{one.assignment} ({one.definition})" if one.definition else one.assignment
            reasons[reason][label] = None
    for reason, found in reasons.items():
        yield NotChecked(f"the policy assignment {named([*found])}", reason)


def _reason(one: NotJudged, types: set[str], *, listed: bool) -> str:
    """Why a rule was not judged, "" if it concerns nothing of the plan; `listed`: whether all definitions could be read."""
    if _MODE in one.reason:
        mode = one.reason.split()[2].lower()
        return one.reason if _MANAGED.get(mode, "") in types else ""
    if one.reason.endswith("is not known") and "version" not in one.reason:
        return "Azure lists no such definition" if listed else "its definition could not be read"
    return one.reason


POLICY: Final = Check("policy", "Policies", _entries)
