"""The exception tree of the installer; each branch has its exit code, and a text that a user can act on.

InstallerError            1  a bug of ours, if nothing more precise is known
├── UsageError            2  the command line, or what it names
│   └── InvalidAnswers    2  answers that cannot be accepted, all problems at once
├── CheckBlocked          3  a check blocks
├── DeploymentFailed      4  an Azure deployment failed, or Azure could not be asked
├── PrefectFailed         5  Prefect could not be set up
├── VerificationFailed    6  what was built does not prove itself
├── WaitingForSomebody    7  somebody else has to act first
└── Interrupted         130  stopped on request; can be resumed
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from installer.sanitize import printable


@dataclass(frozen=True)
class Verdict:
    """Whether trying again can help: "now", once something has "changed", or "never"; with the reason in one line."""

    retry: Literal["now", "changed", "never"]
    reason: str


class InstallerError(Exception):
    """Whatever we can explain. `str()` is for the user: what happened, and what would help.

    Texts of libraries about damaged files quote what stands there; whatever is not printable becomes a blank here.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, text: str = "") -> None:
        super().__init__(printable(text, keep="\n"))
        self.circumstances: Mapping[str, str] = {}
        """What the failed step depended on outside of us, when it failed: name to fingerprint."""

    @property
    def transient(self) -> bool:
        """Whether the same may succeed a moment later, with nothing changed."""
        return False

    @property
    def unreached(self) -> bool:
        """Whether nobody was reached who could have refused: the network is away, or who should answer is."""
        return False

    @property
    def retry_after(self) -> float:
        """For how many seconds whoever refused does not want to be asked again; 0 when that was not said."""
        return 0.0

    @property
    def depends_on(self) -> tuple[str, ...]:
        """Names of circumstances outside of us whose change may help, as steps/circumstances.py has them."""
        return ()

    @property
    def verdict(self) -> Verdict:
        """Whether trying again can help."""
        if self.transient:
            return Verdict("now", "what was in the way passes by itself")
        return Verdict("changed", "only once its cause is gone")


class UsageError(InstallerError):
    """The command was called with something that cannot work."""

    exit_code = 2


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with the answers.

    key: dotted key of the question ("network.egress"), or "" for the whole file.
    message: what is wrong and what would be right.
    line, column: position in the file, from 1; 0 when the answers do not come from a file.
    """

    key: str
    message: str
    line: int = 0
    column: int = 0

    def located(self, file: str = "") -> str:
        """`file:line: key: message`, leaving out what is not known."""
        place = f"{file}:{self.line}: " if file and self.line else f"{file}: " if file else ""
        return f"{place}{self.key}: {self.message}" if self.key else f"{place}{self.message}"


class InvalidAnswers(UsageError):
    """Answers that cannot be accepted."""

    def __init__(self, problems: Sequence[Problem], file: str = "") -> None:
        self.problems = tuple(problems)
        self.file = file
        super().__init__("\n".join(problem.located(file) for problem in self.problems))


class CheckBlocked(InstallerError):
    """A check found something that would make the installation fail."""

    exit_code = 3


class DeploymentFailed(InstallerError):
    """Azure refused or failed; carries the error as Azure gave it."""

    exit_code = 4


class PrefectFailed(InstallerError):
    """The Prefect server, or what shall exist in it, could not be set up."""

    exit_code = 5

    @property
    def verdict(self) -> Verdict:
        """Nothing in Azure is touched: trying again costs nothing."""
        return Verdict("now", "it may have been too slow, or not there yet")


class VerificationFailed(InstallerError):
    """Something was built, but reading it back or using it did not work."""

    exit_code = 6

    @property
    def verdict(self) -> Verdict:
        """What is read back may only have been late."""
        return Verdict("now", "what was built may only be late")


class WaitingForSomebody(InstallerError):
    """The run has stopped at a question or an approval that it cannot give itself.

    question: key of the question that nobody could answer, "" where it is not a matter of an answer.
    """

    exit_code = 7

    def __init__(self, text: str = "", *, question: str = "") -> None:
        super().__init__(text)
        self.question = question


class Interrupted(InstallerError):
    """The user stopped the run; it can be resumed."""

    exit_code = 130
