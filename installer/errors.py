"""Exception tree of the installer; each branch has an exit code and a message that the user can act on.

InstallerError            1  a bug, if there is no more precise class
├── UsageError            2  the command line, or a file it names
│   └── InvalidAnswers    2  invalid answers, all problems at once
├── CheckBlocked          3  a check blocks the run
├── DeploymentFailed      4  an Azure deployment failed, or Azure could not be reached
├── PrefectFailed         5  Prefect could not be set up
├── VerificationFailed    6  a built resource failed its verification
├── WaitingForInput       7  another person has to act first
├── PlanOutdated          8  reality has moved since the plan was made
└── Interrupted         130  stopped on request; can be resumed
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, TypedDict

from installer.jsontypes import Json
from installer.sanitize import printable


class FailureDetail(TypedDict, total=False):
    """Known facts of a failure beside its text.

    Attributes:
        status: HTTP status of the refusal.
        error: the error as Azure returned it.
        correlation_id: Azure's correlation id.

    """

    status: int
    error: Json
    correlation_id: str


@dataclass(frozen=True)
class Verdict:
    """Whether a retry can help: "now", after something has "changed", or "never"; with the reason in one line."""

    retry: Literal["now", "changed", "never"]
    reason: str


class InstallerError(Exception):
    """Base of all expected errors. `str()` is for the user: what happened, and what helps.

    Messages of libraries about damaged files quote their content, so unprintable characters are replaced by spaces.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, text: str = "") -> None:
        super().__init__(printable(text, keep="\n"))
        self.detail: FailureDetail = {}
        self.circumstances: Mapping[str, str] = {}
        """External conditions of the failed step at the time of the failure: fingerprint by name."""

    @property
    def transient(self) -> bool:
        """Whether the same operation may succeed shortly, without changes."""
        return False

    @property
    def unreached(self) -> bool:
        """Whether the service could not be reached at all."""
        return False

    @property
    def retry_after(self) -> float:
        """Seconds to wait before a retry, as requested by the service; 0 if unknown."""
        return 0.0

    @property
    def settles_within(self) -> float:
        """Seconds within which a temporary cause usually passes; 0 if it passes shortly."""
        return 0.0

    @property
    def depends_on(self) -> tuple[str, ...]:
        """Names of external conditions whose change may help, as in steps/retry_conditions.py."""
        return ()

    @property
    def verdict(self) -> Verdict:
        """Whether a retry can help."""
        if self.transient:
            return Verdict("now", "the cause is temporary")
        return Verdict("changed", "after its cause is resolved")


class UsageError(InstallerError):
    """Invalid use of the command line."""

    exit_code = 2


@dataclass(frozen=True)
class Problem:
    """One problem of the answers.

    Attributes:
        key: Dotted key of the question ("network.egress"), or "" for the whole file.
        message: What is wrong and what would be right.
        line: Line in the file, from 1; 0 if the answers are not from a file.
        column: Column in the file, from 1; 0 if the answers are not from a file.

    """

    key: str
    message: str
    line: int = 0
    column: int = 0

    def located(self, file: str = "") -> str:
        """`file:line: key: message` without the unknown parts."""
        place = f"{file}:{self.line}: " if file and self.line else f"{file}: " if file else ""
        return f"{place}{self.key}: {self.message}" if self.key else f"{place}{self.message}"


class InvalidAnswers(UsageError):
    """Invalid answers."""

    def __init__(self, problems: Sequence[Problem], file: str = "") -> None:
        self.problems = tuple(problems)
        self.file = file
        super().__init__("\n".join(problem.located(file) for problem in self.problems))


class CheckBlocked(InstallerError):
    """A check found a condition that would make the installation fail."""

    exit_code = 3


class DeploymentFailed(InstallerError):
    """Azure rejected or failed a deployment."""

    exit_code = 4


class PrefectFailed(InstallerError):
    """The Prefect server or its objects could not be set up."""

    exit_code = 5

    @property
    def verdict(self) -> Verdict:
        """A retry is free: it changes nothing in Azure."""
        return Verdict("now", "Prefect may have been too slow, or not ready yet")


class VerificationFailed(InstallerError):
    """A built resource could not be read or used."""

    exit_code = 6

    @property
    def verdict(self) -> Verdict:
        """The state that was read may be out of date."""
        return Verdict("now", "the resource may not be ready yet")


class WaitingForInput(InstallerError):
    """The run has stopped at a question or an approval that needs another person.

    Attributes:
        question: Key of the unanswered question, "" for an approval.

    """

    exit_code = 7

    def __init__(self, text: str = "", *, question: str = "") -> None:
        super().__init__(text)
        self.question = question


class PlanOutdated(InstallerError):
    """A sealed plan no longer describes what a run would do; nothing was sent."""

    exit_code = 8

    @property
    def verdict(self) -> Verdict:
        """Only with another plan."""
        return Verdict("changed", "after a new plan was made and approved")


class Interrupted(InstallerError):
    """The user has stopped the run; it can be resumed."""

    exit_code = 130
