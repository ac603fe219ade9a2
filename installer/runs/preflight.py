"""Checks before the first write, for a session or for a survey of a subscription."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from installer.preflight.gate import CheckBeforeWriting
from installer.preflight.reads import Reads
from installer.preflight.subject import Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from installer.answers.model import Answers
    from installer.cloud.target import Target
    from installer.preflight.model import Report, Result
    from installer.preflight.reads import Request


@contextmanager
def subject_for(
    target: Target,
    answers: Answers,
    limits: Callable[[Request], str] | None = None,
    former: Answers | None = None,
) -> Iterator[Subject]:
    """The subject of checks in a cloud.

    Args:
        target: The cloud.
        answers: The answers.
        limits: Limits of a survey: only what it can answer is read.
        former: Answers before this run, if a journal has them.

    """
    from installer.cloud.rest import Service
    from installer.preflight.survey_limits import no_directory

    if limits is None:
        arm, graph = Reads(Service.of_arm(target)), Reads(Service.of_graph(target))
    else:
        arm, graph = Reads(Service.of_arm(target), limits), Reads(Service.of_graph(target), no_directory)
    try:
        yield Subject(answers, arm, graph, target, former, surveyed=limits is not None)
    finally:
        arm.close()
        graph.close()


def check(
    target: Target,
    answers: Answers,
    ended: Callable[[Result], None] = lambda _result: None,
    limits: Callable[[Request], str] | None = None,
) -> Report:
    """Run all checks. Queries Azure; read-only."""
    from installer.preflight.checks import CHECKS
    from installer.preflight.report import check_all

    with subject_for(target, answers, limits) as subject:
        return check_all(subject, CHECKS, ended)


def gate(target: Target, answers: Answers, former: Answers | None) -> CheckBeforeWriting:
    """The first step of a run: all checks."""
    from installer.preflight.checks import CHECKS

    return CheckBeforeWriting(lambda: subject_for(target, answers, former=former), CHECKS)
