"""The checks before the start: each with its state, findings with their ways out, and one key to take one."""

from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Button, OptionList, Static
from textual.widgets.option_list import Option

from installer.conventions.counts import counted
from installer.durations import clock as duration_text
from installer.invocation import command
from screens.base.background import in_background, reason, run_on_owner
from screens.base.dialogs import HelpDialog
from screens.base.glyphs import glyph, truncate
from screens.base.line_details import LineDetails
from screens.run.object_keys import id_in, open_in_portal
from screens.wizard.check_lines import Line, lines_of, outcome, whole_text
from screens.wizard.shell import WizardPage

if TYPE_CHECKING:
    from installer.preflight.model import Report, Result, WayOut
    from screens.base.terminal_app import TerminalApp


class ChecksPage(WizardPage):
    """Runs all checks, read-only. What blocks has to be resolved; warnings have to be acknowledged once."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "app.focus_next", "field", key_display="Tab"),
        Binding("r", "again", "again", tooltip="check again"),
        Binding("p", "plan", "plan", tooltip="compare with what exists in Azure"),
        Binding("c", "copy", "copy", tooltip="copy the finding, with its ways out"),
        Binding("o", "open_portal", "open", tooltip="open what it is about in the portal"),
        Binding("ctrl+n", "to_start", "to start"),
        Binding("ctrl+b,escape", "back", "back", key_display="^B"),
        Binding("f1", "explain", "help"),
    ]
    page_key = "checks"

    def __init__(self) -> None:
        super().__init__()
        self._results: dict[str, Result] = {}
        self._titles: dict[str, str] = {}
        self._lines: list[Line] = []
        self._report: Report | None = None
        self._acknowledged = False
        self._attempt = 0
        self._begun = 0.0

    def body(self) -> ComposeResult:
        """The list, a caption, the start button."""
        yield OptionList(id="checks", compact=True, markup=False)
        yield Static(id="caption", markup=False)
        with Horizontal(id="start-row"):
            yield Button(Content(self._start_text()), id="start", compact=True, variant="primary", disabled=True)

    def side(self) -> ComposeResult:
        """The whole text of the line under the cursor."""
        yield LineDetails()

    def _start_text(self) -> str:
        return "Start the rehearsal" if self.wizard.rehearsal else "Start: deploy to Azure"

    def on_mount(self) -> None:
        """Begin the checks."""
        self.set_focus(self.query_one("#checks"))
        self.set_help("Read-only checks. Enter on a way out (→) changes the answer and checks again.")
        self._check()

    # -- checking ------------------------------------------------------------------------------------------------

    def _check(self, *, forget: bool = False) -> None:
        """Run the checks in the background; each result is shown when its check has ended."""
        self._attempt += 1
        attempt, session = self._attempt, self.wizard.session
        answers = self.wizard.draft_store.draft.answers()
        self._results, self._report, self._acknowledged = {}, None, False
        self._begun = self.wizard.clock()

        def check() -> "tuple[Report, dict[str, str]]":
            from installer.preflight.checks import CHECKS

            titles = {one.key: one.title for one in CHECKS}
            run_on_owner(self, lambda: self._began(attempt, titles))
            if forget:
                session.forget_checks()
            return session.check(answers, lambda one: run_on_owner(self, lambda: self._ended(attempt, one))), titles

        in_background(self, check, lambda found: self._completed(attempt, found[0]), self._failed)
        self._show()

    def _began(self, attempt: int, titles: dict[str, str]) -> None:
        if attempt == self._attempt:
            self._titles = titles
            self._show()

    def _ended(self, attempt: int, result: "Result") -> None:
        if attempt == self._attempt:
            self._results[result.key] = result
            self._show()

    def _completed(self, attempt: int, report: "Report") -> None:
        if attempt != self._attempt:
            return
        self._report = report
        self._show()
        if not report.findings:
            self.set_focus(self.query_one("#start"))

    def _failed(self, error: Exception) -> None:
        self._caption(f"{glyph('question')} not checked: {reason(error)}; r checks again")

    # -- showing -------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        """Fill the list; the cursor stays on its line."""
        listed = self.query_one("#checks", OptionList)
        at = listed.highlighted
        self._lines = [line for key, title in self._titles.items() for line in lines_of(title, self._results.get(key))]
        listed.clear_options()
        listed.add_options([Option(Content(line.text)) for line in self._lines])
        first = next((number for number, line in enumerate(self._lines) if line.way), None)
        if self._lines:
            finished = self._report is not None and first is not None and not at
            listed.highlighted = first if finished else min(at or 0, len(self._lines) - 1)
        self.query_one("#start", Button).disabled = self._report is None or self._report.blocks
        self._caption(self._summary())

    def _summary(self) -> str:
        done = f"{len(self._results)} of {counted(len(self._titles), 'check')}, {duration_text(self.wizard.clock() - self._begun)}"
        return f"{done} {glyph('more')}" if self._report is None else f"{done}: {outcome(self._report)}"

    def _caption(self, text: str) -> None:
        self.query_one("#caption", Static).update(Content(truncate(text, 200)), layout=False)

    # -- keys ----------------------------------------------------------------------------------------------------

    @on(OptionList.OptionHighlighted, "#checks")
    def _show_whole(self) -> None:
        self.query_one(LineDetails).show(whole_text(self._here) if self._here is not None else "")

    @on(OptionList.OptionSelected, "#checks")
    def _selected(self, event: OptionList.OptionSelected) -> None:
        """Take a way out, or show the whole text of a line."""
        line = self._lines[event.option_index]
        if line.way is not None and line.way.answers:
            self._take(line.way)
        else:
            self._explain(line)

    def _take(self, way: "WayOut") -> None:
        from installer.answers.trial import take

        draft = self.wizard.draft_store.draft
        take(draft, way.answers)
        self.wizard.draft_store.changed()
        if problems := draft.problems():
            self.wizard.show_page(problems[0].key.partition(".")[0], focus=problems[0].key, amend=True)
            self.wizard.flash(f"Another answer has to follow: {problems[0].message}")
            return
        self.wizard.flash(f"Changed: {way.sentence}")
        self._check()

    def _explain(self, line: Line) -> bool:
        """Show the whole text of a line, if there is more of it."""
        text = whole_text(line)
        if text:
            self.app.push_screen(HelpDialog("Finding" if line.result is None else line.result.title, text))
        return bool(text)

    @property
    def _here(self) -> Line | None:
        """The line under the cursor."""
        highlighted = self.query_one("#checks", OptionList).highlighted
        return self._lines[highlighted] if highlighted is not None and self._lines else None

    def action_copy(self) -> None:
        """Copy the whole text of the line under the cursor, as for a mail to a person who can resolve it."""
        text = whole_text(self._here) if self._here is not None else ""
        if text:
            self.app.copy_to_clipboard(text)
        self.wizard.flash("Copied, if your terminal allows it" if text else "This line has nothing to copy yet")

    def action_open_portal(self) -> None:
        """Open the page of the resource that a finding is about, or else of the subscription."""
        where = self.wizard.draft_store.draft.answers().subscription
        finding = self._here.finding if self._here is not None else None
        about = (id_in(finding.where) if finding is not None else "") or f"/subscriptions/{where.subscription}"
        app = cast("TerminalApp", self.app)
        open_in_portal(app, about.split()[0].rstrip(",;:"), where, rehearsal=self.wizard.rehearsal)

    def action_again(self) -> None:
        """Read everything again."""
        self._check(forget=True)

    def action_plan(self) -> None:
        """Show the plan."""
        self.wizard.show_page("plan")

    def action_to_start(self) -> None:
        """Focus the start button, or say why it cannot be pressed."""
        if self._report is None:
            self.wizard.flash("The checks have not ended yet.")
        elif self._report.blocks:
            self.wizard.flash("Cannot start yet: resolve what blocks. Enter on a way out takes it.")
        else:
            self.set_focus(self.query_one("#start"))

    def action_back(self) -> None:
        """Return to the review."""
        self.wizard.show_page("review")

    def action_explain(self) -> None:
        """Show the whole text of the line under the cursor, or the help of this page."""
        line = self._here
        if line is not None and self._explain(line):
            return
        text = (
            "The checks only read. They compare the answers with the rights of this account, the offers, quotas and names of "
            "the region, existing networks, the existing installation and the policies in force. What they could not see is "
            "listed as not checked. c copies a finding with its ways out, o opens what it is about in the portal.\n\n"
            f"{command('check')} does the same on the command line."
        )
        self.app.push_screen(HelpDialog("Checks", text))

    @on(Button.Pressed, "#start")
    def _start(self) -> None:
        warned = self._report is not None and bool(self._report.findings)
        if warned and not self._acknowledged:
            self._acknowledged = True
            self.wizard.flash("There are warnings. Press Enter again to start with them.")
            return
        self.wizard.start_run()
        self.wizard.flash("Starting: saving the answers first.")
