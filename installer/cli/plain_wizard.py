"""The wizard as plain lines, for pipes, dumb terminals and screen readers; same questions, checks and events.

One question per line, numbered choices, the default in brackets, `?` for help, `<` to go back. Nothing is redrawn.
"""

from dataclasses import replace
from getpass import getpass
from typing import TYPE_CHECKING, TextIO

from installer.answers.draft import Draft
from installer.answers.model import PAGES
from installer.answers.offered import REGIONS, VM_SIZES, not_offered
from installer.answers.questions import Question
from installer.cli.plain_costs import costs_of_options
from installer.cli.watch import report, watch
from installer.errors import Interrupted, Problem, UsageError
from installer.sanitize import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from installer.cloud.models import Choice
    from installer.engine.events import Listener
    from installer.preflight.model import WayOut
    from installer.runs.session import Session

BACK = "<"
HELP = "?"
MAX_LISTED = 12
"""Longer lists are shown on request, so that the question stays on the screen."""


class _GoBack(Exception):
    """The user wants to return to the previous question."""


class PlainWizard:
    """The wizard over two text streams. `answered`: the draft is that of an answers file, which is reviewed at once."""

    def __init__(
        self, session: "Session", draft: Draft, source: TextIO, out: TextIO, *, answered: bool = False
    ) -> None:
        self.session = session
        self._answered = answered
        self.draft = draft
        self._source = source
        self._out = out

    def run(self, listeners: "Sequence[Listener]" = ()) -> int:
        """Ask all questions, then install. Returns the exit code."""
        where = " (REHEARSAL: nothing is real, nothing is charged)" if self.session.options.rehearsal else ""
        self.print_lines(
            f"FlowForge Installer{where}.", "Enter accepts the value in brackets, ? explains, < goes back."
        )
        name = None if self.draft.begun else self.session.unfinished()
        if name and self.confirm(f"Run {name} was not finished. Resume it?", default=True):
            run = self.session.resume(name, attended=True)
        else:
            if not self._answered:
                self.ask_all()
            self.reviewed()
            while not self.checked():
                self.reviewed()
            run = self.session.begin(self.draft.answers(), self.draft, attended=True)
        result = watch(run, listeners, answer=self.line)
        report(run, result, self.print_lines)
        return result.exit_code

    # -- the questions -------------------------------------------------------------------------------------------

    def ask_all(self) -> None:
        """Ask all questions that apply, in the order of the screens; going back keeps the answers."""
        position = 0
        while True:
            asked = [question for page in PAGES for question in self.draft.questions(page)]
            if position >= len(asked):
                return
            question = asked[position]
            try:
                self.ask(question)
                position += 1
            except _GoBack:
                position = max(position - 1, 0)
            self.session.drafts.save(self.draft)

    def ask(self, question: Question) -> None:
        """Ask one question until its answer is accepted."""
        pages = [page for page in PAGES if self.draft.questions(page)]
        number = pages.index(question.page) + 1
        heading = question.page.replace("_", "-").capitalize()
        self.print_lines("", f"{heading} {number} of {len(pages)}. {question.ask.label}.", f"  {question.ask.help}")
        choices = self._choices(question)
        if len(choices) > MAX_LISTED:
            self.print_lines(f"  {len(choices)} to choose from; {HELP} lists them.")
        else:
            self._list(choices)
        self.print_lines(*costs_of_options(self.session, self.draft, question))
        while True:
            current = question.text(self.draft.value(question.key))
            typed = self.line(f"[{current}] > " if current else "> ", secret=question.kind == "secret")
            if typed == BACK:
                raise _GoBack
            if typed == HELP:
                self.print_lines(f"  {question.ask.help}", f"  Accepted: {question.allowed}.")
                self._list(choices)
                continue
            if self._accept(question, typed, choices):
                return

    def _list(self, choices: "list[Choice]") -> None:
        for index, choice in enumerate(choices, 1):
            usable = "" if choice.usable else "not available: "
            fact = f" ({usable}{choice.fact})" if choice.fact and choice.fact != "enabled" else ""
            self.print_lines(f"  {index}  {choice.value}  {choice.label}".rstrip() + fact)

    def _accept(self, question: Question, typed: str, choices: "list[Choice]") -> bool:
        before = self.draft.given().get(question.key)
        if typed and question.kind == "secret" and not question.accepts(typed):
            self.session.drafts.keep_secret(self.draft, question.key, typed)
            typed = ""
        if typed:
            words = [_choice_by(word, choices) for word in typed.split()] if question.kind == "several" else None
            problem = self.draft.type(question.key, " ".join(words) if words else _choice_by(typed, choices))
            labels = {choice.value: choice.label for choice in choices}
            value = str(self.draft.value(question.key))
            self.draft.choose(question.key, value, labels.get(value, ""))
            regions = labels if question.ask.source == REGIONS else {}
            refused = dict(not_offered(self.draft, regions)).get(question.key)
            problem = problem or (Problem(question.key, refused) if refused else None)
        else:
            problem = self.draft.problem(question.key)
        if problem is not None:
            numbered = f"; or a number of the list, 1 to {len(choices)}, or a name in it" if typed and choices else ""
            self.print_lines(f"  Not accepted: {problem.message}{numbered}")
            if typed:  # the value in brackets stays one that Enter accepts
                self.draft.restore(question.key, before)
            return False
        self.print_lines(f"  {question.ask.label}: {question.shown(self.draft.value(question.key))}")
        return True

    def _choices(self, question: Question) -> "list[Choice]":
        from installer.cloud.models import Choice
        from installer.errors import InstallerError

        if question.ask.source is None:
            return [Choice(str(value), question.ask.options.get(str(value), "")) for value in question.values]
        self.print_lines("  asking Azure ...")
        try:
            found = self.session.choices(question.ask.source, self.draft)
        except InstallerError as error:
            self.print_lines(f"  The list could not be fetched: {clean(str(error))}", "  Type the value instead.")
            return []
        found = self._with_prices(question.ask.source, found)
        usable = [choice.value for choice in found if choice.usable]
        if len(usable) == 1 and self.draft.value(question.key) is None:
            self.draft.give(question.key, usable[0], "discovered")
        return found

    def _with_prices(self, source: str, found: "list[Choice]") -> "list[Choice]":
        """Sizes with their price, if the list can be read."""
        from installer.errors import InstallerError

        if source not in VM_SIZES:
            return found
        try:
            prices = self.session.size_prices(self.draft)
        except InstallerError:
            return found
        return [
            replace(one, fact=f"{one.fact}, {prices[one.value]}") if one.usable and one.value in prices else one
            for one in found
        ]

    # -- the review ----------------------------------------------------------------------------------------------

    def reviewed(self) -> None:
        """Show the review until the user starts."""
        from installer.cli.plain_review import PlainReview

        PlainReview(self).show()

    def checked(self) -> bool:
        """Run the checks, and offer the ways out of what they find; False returns to the review."""
        from installer.cli.check_lines import result_lines, summary

        while True:
            self.print_lines("", "Checks. They only read.")
            report = self.session.check(self.draft.answers())
            for result in report.results:
                self.print_lines(*map(clean, result_lines(result)))
            self.print_lines(summary(report))
            ways = [way for finding in report.findings for way in finding.ways if way.answers]
            if not report.findings:
                return True
            for number, way in enumerate(ways, 1):
                self.print_lines(f"  {number}  {clean(way.sentence)}")
            start = "" if report.blocks else "yes to start with the warnings, "
            taken = "a number to take a way out, " if ways else ""
            typed = self.line(
                f"Type {start}{taken}p for the plan, r to check again, {BACK} for the review, no to quit > "
            )
            if typed.isdecimal() and 1 <= int(typed) <= len(ways):
                if not self._take(ways[int(typed) - 1]):
                    return False
            elif typed == "p":
                self.show_plan()
            elif typed == "r":
                self.session.forget_checks()
            elif typed == BACK:
                return False
            elif typed in ("no", "n"):
                raise Interrupted("nothing was started; your answers are saved for the next time")
            elif typed in ("yes", "y") and not report.blocks:
                return True

    def show_plan(self) -> None:
        """Show everything that a run would change."""
        from installer.planning.report import rendered

        plan = self.session.plan(self.draft.answers(), draft=self.draft)
        self.print_lines(*map(clean, rendered(plan, ".txt").splitlines()))

    def _take(self, way: "WayOut") -> bool:
        """Apply a way out; False if other answers have to follow."""
        from installer.answers.trial import take

        take(self.draft, way.answers)
        self.session.drafts.save(self.draft)
        return not self.draft.problems()

    def change(self, question: Question) -> None:
        """Change a decision; questions whose answers become invalid are asked again."""
        try:
            self.ask(question)
            for page in PAGES:
                for other in self.draft.questions(page):
                    if self.draft.problem(other.key) is not None:
                        self.ask(other)
        except _GoBack:
            return
        finally:
            self.session.drafts.save(self.draft)

    # -- lines ---------------------------------------------------------------------------------------------------

    def print_lines(self, *lines: str) -> None:
        """Print lines."""
        for line in lines:
            self._out.write(line + "\n")
        self._out.flush()

    def line(self, prompt: str, *, secret: bool = False) -> str:
        """Read one line; a secret is not echoed at a terminal. Raises UsageError when the input has ended."""
        if secret and self._source.isatty():
            return getpass(prompt).strip()
        self._out.write(prompt)
        self._out.flush()
        typed = self._source.readline()
        if not typed:
            self._out.write("\n")
            raise UsageError("the input ended before all questions were answered; your answers are saved")
        if not self._source.isatty():
            self._out.write("\n")
        return clean(typed.rstrip("\n")).strip()

    def confirm(self, question: str, *, default: bool) -> bool:
        """Ask a yes/no question."""
        typed = self.line(f"{question} [{'yes' if default else 'no'}] > ").lower()
        return default if not typed else typed in ("y", "yes")


def _choice_by(typed: str, choices: "list[Choice]") -> str:
    """The value of a choice typed by its number, unless the number is itself a value, or by its name if only one has it."""
    if typed.isdecimal() and typed not in {choice.value for choice in choices} and 1 <= int(typed) <= len(choices):
        return choices[int(typed) - 1].value
    named = [choice.value for choice in choices if choice.label and choice.label.casefold() == typed.strip().casefold()]
    return named[0] if len(named) == 1 else typed
