"""Runs the checks side by side and reports each as soon as it has ended."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from installer.preflight.model import Finding, NotChecked, Proof, Report, Result
from installer.preflight.reads import NotVisible
from installer.preflight.trials import with_proved_ways
from installer.waiting import Workers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from installer.preflight.model import Check
    from installer.preflight.subject import Subject


def check_all(
    subject: Subject, checks: Sequence[Check], ended: Callable[[Result], None] = lambda _result: None
) -> Report:
    """Run the checks at the same time, then try the ways out that they propose.

    Args:
        subject: What is checked.
        checks: The checks.
        ended: Called with each result when its check has ended, one at a time, from any thread; and again with those whose
            ways out have changed when they were tried. The results of the report are in the order of the checks.

    """
    lock = threading.Lock()

    def run(check: Check) -> Result:
        result = result_of(check, subject)
        with lock:
            ended(result)
        return result

    with Workers(max(len(checks), 1), "checks") as pool:
        first = tuple(pool.map(run, checks))
    results = with_proved_ways(subject, checks, first, result_of)
    for before, after in zip(first, results, strict=True):
        if after != before:
            ended(after)
    unreached = next((reads.unreached for reads in (subject.arm, subject.graph) if reads.unreached is not None), None)
    return Report(results, subject.arm.requests + subject.graph.requests, unreached)


def result_of(check: Check, subject: Subject) -> Result:
    """Run one check; a fact that it cannot see ends it, and what it has found so far counts."""
    findings: list[Finding] = []
    not_checked: list[NotChecked] = []
    proofs: list[Proof] = []
    try:
        for entry in check.entries(subject):
            if isinstance(entry, Finding):
                findings += [entry] if entry not in findings else []
            elif isinstance(entry, NotChecked):
                not_checked += [entry] if entry not in not_checked else []
            else:
                proofs += [entry] if entry not in proofs else []
    except NotVisible as unseen:
        not_checked.append(NotChecked(unseen.what, unseen.why))
    return Result(check.key, check.title, tuple(findings), tuple(not_checked), tuple(proofs))
