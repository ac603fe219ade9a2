"""Checks before the first write, for a session or for a survey of a subscription."""

from __future__ import annotations

import re
import threading
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from installer.errors import UsageError
from installer.preflight.gate import CheckBeforeWriting
from installer.preflight.reads import Reads
from installer.preflight.subject import Subject
from installer.sanitize import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from installer.answers.model import Answers
    from installer.cloud.target import Target
    from installer.jsontypes import Json
    from installer.preflight.model import Report, Result
    from installer.preflight.survey_limits import SurveyLimits
    from installer.secret_store import Secrets


@contextmanager
def reads_of(target: Target, limits: SurveyLimits | None = None) -> Iterator[tuple[Reads, Reads]]:
    """Reads of Azure Resource Manager and of Microsoft Graph; with the limits of a survey, only what it can answer."""
    from installer.cloud.rest import Service

    if limits is None:
        arm, graph = Reads(Service.of_arm(target)), Reads(Service.of_graph(target))
    else:
        arm, graph = (
            Reads(Service.of_arm(target), limits, limits.assumed),
            Reads(Service.of_graph(target), limits.directory),
        )
    try:
        yield arm, graph
    finally:
        arm.close()
        graph.close()


_VAULT: Final = re.compile(r"[0-9A-Za-z-]{3,24}")
"""Names of key vaults: azure-docs, articles/azure-resource-manager/management/resource-name-rules.md."""


def certificates_of(target: Target) -> Callable[[str, str], dict[str, Json]]:
    """Reads a certificate of a key vault without its private key; a rehearsal reaches no key vault of others.

    Source: REST API Key Vault, Get Certificate.
    """
    from installer.cloud.rest import Service, quoted
    from installer.conventions.clouds import CLOUDS
    from installer.preflight.reads import NotVisible, Reads, resource
    from installer.preflight.subject import unseen_certificate

    if target.is_rehearsal:
        return unseen_certificate

    def read(vault: str, name: str) -> dict[str, Json]:
        domain = next((names.key_vault for cloud, names in CLOUDS.items() if cloud == target.cloud), "")
        if not domain:
            raise NotVisible(
                f"the certificate {name} of {vault}", f"the domain of key vaults in {target.cloud} is not known"
            )
        if not _VAULT.fullmatch(vault):  # it becomes a part of the host that gets the token
            raise NotVisible(f"the certificate {name} of {printable(vault)}", "this is no name of a key vault")
        reads = Reads(Service(target, f"https://{vault}.{domain}", f"https://{domain}"))
        what = f"the certificate {name} of {vault}"
        try:
            found = reads.find(resource(f"/certificates/{quoted(name)}?api-version=7.4", what))
        finally:
            reads.close()
        if found is None:
            raise NotVisible(what, "the key vault has no certificate of this name")
        return found

    return read


def limits_of(survey: Path | None, answers: Answers) -> SurveyLimits | None:
    """Limits of a survey, None without one. Raises UsageError if it is not of a subscription of the answers."""
    from installer.estate.parameters.context import Installation
    from installer.preflight.survey_limits import SurveyLimits

    if survey is None:
        return None
    limits, it = SurveyLimits.of(survey), Installation(answers)
    subscriptions = dict.fromkeys((it.subscription, *(site.subscription for site in it.sites)))
    if not limits.subscription:
        raise UsageError(f"{survey}: it does not name its subscription; add the key subscriptionId")
    if limits.subscription not in {one.lower() for one in subscriptions}:
        raise UsageError(
            f"{survey}: it is of the subscription {limits.subscription}; the answers are for {', '.join(subscriptions)}"
        )
    return limits


def _within(subject: Subject, limits: SurveyLimits | None) -> Subject:
    """The subject with the facts of a survey only, if there is one."""
    if limits is None:
        return subject
    return replace(subject, surveyed=True, has_sign_in=limits.has_sign_in, certificate=limits.certificate)


@contextmanager
def _subject(
    target: Target, answers: Answers, former: Answers | None, secrets: Secrets, survey: Path | None
) -> Iterator[Subject]:
    limits = limits_of(survey, answers)
    with reads_of(target, limits) as (arm, graph):
        found = Subject(answers, arm, graph, target, former, secrets=secrets, certificate=certificates_of(target))
        yield _within(found, limits)


class Preflight:
    """Checks of one session: what was read for one set of answers counts for the next. Thread-safe. Has to be closed.

    Args:
        secrets: The secrets of the session.

    """

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets
        self._lock = threading.Lock()
        self._opened = ExitStack()
        self._target: Target | None = None
        self._reads: tuple[Reads, Reads] | None = None

    def check(
        self,
        target: Target,
        answers: Answers,
        ended: Callable[[Result], None] = lambda _result: None,
        survey: Path | None = None,
    ) -> Report:
        """Run all checks. Queries Azure; read-only.

        Args:
            target: The cloud; what was read in another one does not count.
            answers: The answers.
            ended: Called with each result when its check has ended.
            survey: File of the survey behind a rehearsal.

        """
        from installer.preflight.checks import CHECKS
        from installer.preflight.report import check_all

        limits = limits_of(survey, answers)
        with self._lock:
            if self._reads is None or self._target is not target:
                self._reads, self._target = self._opened.enter_context(reads_of(target, limits)), target
            arm, graph = self._reads
        subject = Subject(answers, arm, graph, target, secrets=self._secrets, certificate=certificates_of(target))
        subject = _within(subject, limits)
        return check_all(subject, CHECKS, ended)

    def forget(self) -> None:
        """Read everything again from now on."""
        with self._lock:
            for reads in self._reads or ():
                reads.forget()

    def close(self) -> None:
        """Cancel what was not yet sent."""
        self._opened.close()


def gate(
    target: Target, answers: Answers, former: Answers | None, secrets: Secrets, survey: Path | None = None
) -> CheckBeforeWriting:
    """The first step of a run: all checks, with new reads.

    Args:
        target: The cloud.
        answers: The answers.
        former: Answers before the run, if a journal has them.
        secrets: The secrets of the session.
        survey: File of the survey behind a rehearsal: what it leaves out is not checked.

    """
    from installer.preflight.checks import CHECKS

    return CheckBeforeWriting(lambda: _subject(target, answers, former, secrets, survey), CHECKS)
