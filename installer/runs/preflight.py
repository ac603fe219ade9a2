"""Checks before the first write, for a session or for a survey of a subscription."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from installer.preflight.reads import Reads
from installer.preflight.subject import Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from installer.answers.model import Answers
    from installer.cloud.target import Target
    from installer.preflight.model import Report, Result
    from installer.preflight.reads import Request


@contextmanager
def subject_for(target: Target, answers: Answers, limits: Callable[[Request], str] | None = None) -> Iterator[Subject]:
    """The subject of checks in a cloud; with the limits of a survey, only what the survey can answer is read."""
    from installer.cloud.rest import Service
    from installer.preflight.survey_limits import no_directory

    if limits is None:
        arm, graph = Reads(Service.of_arm(target)), Reads(Service.of_graph(target))
    else:
        arm, graph = Reads(Service.of_arm(target), limits), Reads(Service.of_graph(target), no_directory)
    try:
        yield Subject(answers, arm, graph, target, surveyed=limits is not None)
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
