"""Asks the questions side by side; the answers are in the order of the questions."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from installer.errors import InstallerError
from installer.operations.status.acceptance import ACCEPTANCE
from installer.operations.status.drift import DRIFT
from installer.operations.status.environments import ENVIRONMENTS
from installer.operations.status.expiry import EXPIRY
from installer.operations.status.health import HEALTH
from installer.operations.status.model import Answer, Line, Status
from installer.operations.status.quotas import QUOTAS
from installer.operations.status.restore_proof import RESTORE
from installer.operations.status.spending import SPENDING
from installer.operations.status.versions import VERSIONS
from installer.operations.status.workloads import WORKLOADS
from installer.preflight.reads import NotVisible
from installer.waiting import Workers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from installer.operations.status.model import Question
    from installer.operations.status.observed import Observed

QUESTIONS: Final[tuple[Question, ...]] = (
    ENVIRONMENTS,
    WORKLOADS,
    HEALTH,
    DRIFT,
    ACCEPTANCE,
    RESTORE,
    EXPIRY,
    VERSIONS,
    QUOTAS,
    SPENDING,
)


def assess(observed: Observed, environment: str = "", questions: Sequence[Question] = QUESTIONS) -> Status:
    """Answer the questions. Queries Azure; read-only.

    Args:
        observed: The installation.
        environment: Leave out the lines of other environments; "" for all of them.
        questions: The questions.

    """
    with Workers(max(len(questions), 1), "status") as pool:
        answers = tuple(pool.map(partial(_answer, observed, environment), questions))
    sent = observed.subject.arm.requests + observed.subject.graph.requests
    return Status(observed.run, observed.it.names.prefix, answers, sent)


def _answer(observed: Observed, environment: str, question: Question) -> Answer:
    found: list[Line] = []
    try:
        for line in question.lines(observed):
            found.append(line)  # noqa: PERF402  what was found before a refusal counts
    except NotVisible as unseen:
        found.append(Line(f"{question.key}/unread", unseen.what, "not read", unseen.why))
    except InstallerError as refused:
        found.append(Line(f"{question.key}/unread", question.title, "not read", str(refused).splitlines()[0]))
    wanted = (one for one in found if not environment or one.environment in ("", environment))
    return Answer(question.key, question.title, tuple(wanted))
