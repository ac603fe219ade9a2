"""Policies that a rehearsal does not judge are listed by name."""

from installer.jsontypes import Json
from installer.runs.policy_report import not_judged


def report(entries: list[tuple[str, str, str]]) -> dict[str, Json]:
    """The report of the embedded Azure: assignment, definition and reason of each entry."""
    names = ("assignment", "definition", "reason")
    return {"notJudged": [dict(zip(names, entry, strict=True)) for entry in entries]}


def test_each_assignment_has_a_line_for_each_reason() -> None:
    entries: list[tuple[str, str, str]] = [
        ("guardrails", "b", "the definition 1 is not known"),
        ("guardrails", "a", "the definition 2 is not known"),
        ("pods", "no root", "the mode Microsoft.Kubernetes.Data judges objects inside the service"),
        ("lost", "", "the exclusion of the management group sandbox"),
    ]
    assert list(not_judged(report(entries))) == [
        "policy assignment guardrails: its definition is not in the survey (a, b)",
        "policy assignment pods: the mode Microsoft.Kubernetes.Data judges objects inside the service (no root)",
        "policy assignment lost: the exclusion of the management group sandbox",
    ]
    assert list(not_judged({})) == []
