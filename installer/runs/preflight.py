"""Checks before the first write, for a session or for a survey of a subscription."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
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
def reads_of(target: Target, limits: Callable[[Request], str] | None = None) -> Iterator[tuple[Reads, Reads]]:
    """Reads of Azure Resource Manager and of Microsoft Graph; with the limits of a survey, only what it can answer."""
    from installer.cloud.rest import Service
    from installer.preflight.survey_limits import no_directory

    if limits is None:
        arm, graph = Reads(Service.of_arm(target)), Reads(Service.of_graph(target))
    else:
        arm, graph = Reads(Service.of_arm(target), limits), Reads(Service.of_graph(target), no_directory)
    try:
        yield arm, graph
    finally:
        arm.close()
        graph.close()


@contextmanager
def _subject(target: Target, answers: Answers, former: Answers | None) -> Iterator[Subject]:
    with reads_of(target) as (arm, graph):
        yield Subject(answers, arm, graph, target, former)


class Preflight:
    """Checks of one session: what was read for one set of answers counts for the next. Has to be closed.

    Args:
        target: The cloud.
        limits: Limits of a survey: only what it can answer is read.

    """

    def __init__(self, target: Target, limits: Callable[[Request], str] | None = None) -> None:
        self.target = target
        self._opened = ExitStack()
        self._limits = limits
        self._arm, self._graph = self._opened.enter_context(reads_of(target, limits))

    def check(self, answers: Answers, ended: Callable[[Result], None] = lambda _result: None) -> Report:
        """Run all checks. Queries Azure; read-only."""
        from installer.preflight.checks import CHECKS
        from installer.preflight.report import check_all

        subject = Subject(answers, self._arm, self._graph, self.target, surveyed=self._limits is not None)
        return check_all(subject, CHECKS, ended)

    def forget(self) -> None:
        """Read everything again from now on."""
        self._arm.forget()
        self._graph.forget()

    def close(self) -> None:
        """Cancel what was not yet sent."""
        self._opened.close()


def gate(target: Target, answers: Answers, former: Answers | None) -> CheckBeforeWriting:
    """The first step of a run: all checks, with new reads; `former`: answers before the run, if a journal has them."""
    from installer.preflight.checks import CHECKS

    return CheckBeforeWriting(lambda: _subject(target, answers, former), CHECKS)
