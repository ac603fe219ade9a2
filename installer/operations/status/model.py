"""Lines of a state report: one fact each, with the ways to set a problem right."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from installer.errors import DeploymentFailed, VerificationFailed
from installer.invocation import command as typed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from installer.jsontypes import Json
    from installer.operations.status.observed import Observed

State = Literal["ok", "attention", "broken", "not read"]
Action = Literal["apply", "resume", "rotate", "by hand"]
OF_THE_RUN: Final = frozenset({"environments", "acceptance"})
"""Questions that the journal of the run answers, without Azure."""
PROBLEMS: Final = frozenset({"attention", "broken"})


@dataclass(frozen=True)
class Way:
    """One resolution of a problem.

    Attributes:
        text: What it does.
        action: Action of the installer: a new run of the same answers that carries out its plan (apply), the run continued (resume), a
            secret rotated; "by hand" for what it has no action for.
        arguments: Of apply the stages that it deploys again in any case; of rotate the secret and the environment.
        command: Command line for what the installer has no action for, "" without one.

    """

    text: str
    action: Action = "by hand"
    arguments: tuple[str, ...] = ()
    command: str = ""

    def shown(self, run: str, key: str) -> str:
        """The command line that does it, given the run and the key of the problem."""
        if self.action == "by hand":
            return self.command
        if self.action == "resume":
            return typed(f"resume {run}")
        if self.action == "rotate":
            secret, environment = self.arguments
            return typed(f"rotate {secret} --env {environment} --run {run}")
        return typed(f"doctor {run} --fix {key}")


@dataclass(frozen=True)
class Line:
    """One fact.

    Attributes:
        key: Stable name of the fact in this installation; its first part is the question.
        subject: What it is about.
        state: "not read" if Azure did not show it; `text` then has the reason.
        environment: Its environment, "" for what all share.
        ways: Ways to set it right, the best one first.

    """

    key: str
    subject: str
    state: State
    text: str
    environment: str = ""
    ways: tuple[Way, ...] = ()

    def as_json(self, run: str) -> dict[str, Json]:
        """The line as JSON."""
        ways: list[Json] = [
            {"text": way.text, "action": way.action, "command": way.shown(run, self.key)} for way in self.ways
        ]
        facts: dict[str, Json] = {"key": self.key, "subject": self.subject, "state": self.state, "text": self.text}
        return {**facts, "environment": self.environment, "resolutions": ways}


@dataclass(frozen=True)
class Question:
    """A question about the installation.

    Attributes:
        key: Stable name in JSON, and first part of the keys of its lines.
        lines: Reads and judges; NotVisible and errors of the installer end it, with what it has found so far.

    """

    key: str
    title: str
    lines: Callable[[Observed], Iterator[Line]]


@dataclass(frozen=True)
class Answer:
    """The lines of one question."""

    key: str
    title: str
    lines: tuple[Line, ...]


SCHEMA: Final = 1
"""Version of the JSON object; members are added, and none changes its meaning."""


@dataclass(frozen=True)
class Status:
    """The state of an installation.

    Attributes:
        requests: Number of reads that were sent.

    """

    run: str
    installation: str
    answers: tuple[Answer, ...]
    requests: int = 0
    problems: tuple[Line, ...] = field(init=False)

    def __post_init__(self) -> None:
        found = tuple(line for answer in self.answers for line in answer.lines if line.state in PROBLEMS)
        object.__setattr__(self, "problems", found)

    @property
    def exit_code(self) -> int:
        """0 without a problem: what was not read is none, unless nothing was."""
        if self.problems:
            return VerificationFailed.exit_code
        read = (line for answer in self.answers if answer.key not in OF_THE_RUN for line in answer.lines)
        return 0 if any(line.state != "not read" for line in read) else DeploymentFailed.exit_code

    def count(self, state: State) -> int:
        """Number of lines with a state."""
        return sum(line.state == state for answer in self.answers for line in answer.lines)

    def as_json(self) -> dict[str, Json]:
        """The state as JSON.

        Has `kind` (always "status"), `schema`, `run`, `installation`, `state` (the worst: ok, attention, broken), `counts` by state,
        `requests`, and `questions`; each with `question`, `title` and `lines`: `key`, `subject`, `state`, `text`, `environment`
        ("" for what all share) and `resolutions` (text, action, command).
        """
        states: tuple[State, ...] = ("ok", "attention", "broken", "not read")
        worst = "broken" if self.count("broken") else "attention" if self.problems else "ok"
        questions: list[Json] = [
            {"question": one.key, "title": one.title, "lines": [line.as_json(self.run) for line in one.lines]}
            for one in self.answers
        ]
        return {
            "kind": "status",
            "schema": SCHEMA,
            "run": self.run,
            "installation": self.installation,
            "state": worst,
            "counts": {state: self.count(state) for state in states},
            "requests": self.requests,
            "questions": questions,
        }
