"""The review as plain lines: decisions and what follows from them, what differs from the defaults, search, topology, plan."""

from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from installer.answers.files import dump
from installer.answers.model import PAGES
from installer.answers.questions import Question
from installer.cli.plain_costs import estimate_lines
from installer.conventions.counts import counted
from installer.errors import InstallerError, Interrupted
from installer.sanitize import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.answers.draft import Draft
    from installer.planning.branch import Branch
    from installer.runs.session import Session

PROMPT = (
    "Type yes to start, a number to change a decision, d for those that differ from the defaults, / and words to search, "
    "t for the topology, p for the plan, x to see the answers file, no to quit > "
)
MAX_FOUND = 60
"""Lines of a search."""


class Wizard(Protocol):
    """The plain wizard as the review uses it."""

    draft: "Draft"
    session: "Session"

    def line(self, prompt: str, *, secret: bool = False) -> str:
        """Read one line."""

    def print_lines(self, *lines: str) -> None:
        """Print lines."""

    def change(self, question: Question) -> None:
        """Change a decision."""

    def show_plan(self) -> None:
        """Show everything that a run would change."""


class PlainReview:
    """The review over the streams of a wizard."""

    def __init__(self, wizard: Wizard) -> None:
        self._wizard = wizard
        self._draft = wizard.draft

    def show(self) -> None:
        """Show every decision and the resources; return only after a yes."""
        while True:
            asked = [question for page in PAGES for question in self._draft.questions(page)]
            ready = self._summary(asked)
            while not self._handled(asked, typed := self._wizard.line(PROMPT), ready=ready):
                if typed.isdecimal():
                    break  # the decisions are shown again, since others may follow from the change
            else:
                return

    def _handled(self, asked: list[Question], typed: str, *, ready: bool) -> bool:
        """Act on a line; whether it starts the run."""
        if typed.isdecimal() and 1 <= int(typed) <= len(asked):
            self._wizard.change(asked[int(typed) - 1])
        elif typed == "d":
            self._differing(asked)
        elif typed.startswith("/"):
            self._search(asked, typed[1:], ready=ready)
        elif typed == "x":
            self._wizard.print_lines(dump(self._draft))
        elif typed in ("p", "t", "y", "yes") and not ready:
            self._wizard.print_lines("Not ready yet: correct the answers marked with ! first.")
        elif typed == "p":
            self._wizard.show_plan()
        elif typed == "t":
            self._topology()
        elif typed in ("no", "n"):
            raise Interrupted("nothing was started; your answers are saved for the next time")
        return typed in ("yes", "y") and ready

    def _line(self, number: int, question: Question) -> str:
        value = question.shown(self._draft.value(question.key))
        return f"  {number:>2}  {question.ask.label}: {value} ({self._draft.source(question.key)})"

    def _summary(self, asked: list[Question]) -> bool:
        """Print decisions, problems and resources; whether the answers are complete."""
        from installer.estate.resources import estate
        from installer.steps.run_duration import run_duration

        say = self._wizard.print_lines
        say("", "Review. These are the decisions:", *(self._line(number, one) for number, one in enumerate(asked, 1)))
        problems = self._draft.problems()
        say(*(f"  ! {problem.located()}" for problem in problems))
        say(*(f"  Warning: {caution.message}." for caution in self._draft.cautions()))
        if not problems:
            answers = self._draft.answers()
            stages = estate(answers)
            count = sum(len(stage.resources) for stage in stages)
            say(f"They create {counted(count, 'resource')} in {counted(len(stages), 'deployment')}:")
            say(*(f"  {stage.spec.title}: {counted(len(stage.resources), 'resource')}" for stage in stages))
            with suppress(InstallerError):  # without Azure no duration: the checks say so
                minutes = max(round(run_duration(answers, self._wizard.session.target()).usual / 60), 1)
                say(f"In Azure a run that has everything to do usually takes about {counted(minutes, 'minute')}.")
            say(*estimate_lines(self._wizard.session, self._draft))
        return not problems

    def _differing(self, asked: list[Question]) -> None:
        """Print what differs from presets and defaults, and from the last run that has installed under the prefix."""
        from installer.answers.draft import flatten

        numbered = list(enumerate(asked, 1))
        found = [self._line(number, one) for number, one in numbered if self._draft.differs(one.key)]
        self._wizard.print_lines(f"{counted(len(found), 'decision')} other than presets and defaults:", *found)
        applied = self._wizard.session.applied(self._draft)
        if applied is not None:
            name, other = applied[0], flatten(applied[1])
            found = [self._line(number, one) for number, one in numbered if self._draft.differs(one.key, other)]
            self._wizard.print_lines(f"{counted(len(found), 'decision')} other than in run {name}:", *found)

    def _search(self, asked: list[Question], text: str, *, ready: bool) -> None:
        """Print decisions and resources, with their properties, that have all words."""
        from installer.estate.resources import estate
        from installer.planning.branch import matching
        from installer.planning.estate_tree import estate_branches

        words = text.lower().split()
        lines = [self._line(number, one) for number, one in enumerate(asked, 1)]
        found = [line for line in lines if all(word in line.lower() for word in words)]
        if ready:
            answers = self._draft.answers()
            for stage in estate_branches(answers, estate(answers)):
                parts = (matching(resource, words) for resource in stage.children)
                found += [line for part in parts if part is not None for line in _lines(part)]
        more = len(found) - MAX_FOUND
        self._wizard.print_lines(*map(clean, found[:MAX_FOUND]))
        self._wizard.print_lines(
            f"{counted(more, 'more line')}; more words find fewer."
            if more > 0
            else f"{counted(len(found), 'line')} found."
        )

    def _topology(self) -> None:
        from installer.topology.estate_topology import topology
        from installer.topology.text import outline

        self._wizard.print_lines(*outline(topology(self._draft.answers())))


def _lines(branch: "Branch", level: int = 1) -> "Iterator[str]":
    """A part with everything below it."""
    yield f"{'  ' * level}{f'{branch.sign} ' if branch.sign else ''}{branch.text}"
    for child in branch.children:
        yield from _lines(child, level + 1)
