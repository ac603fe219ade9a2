"""The first page of a new installation: what FlowForge is, what is needed, what happens to what one types, and the ways to begin."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from installer.invocation import command
from screens.base.background import in_background, reason
from screens.base.dialogs import HelpDialog
from screens.base.glyphs import glyph
from screens.base.links import open_address
from screens.wizard.shell import WizardPage

if TYPE_CHECKING:
    from installer.answers.files import Loaded
    from screens.base.terminal_app import TerminalApp

ABOUT = "FlowForge is a data platform in your own Azure subscription."
FACTS = (
    ("You need", "Owner, or Contributor and Role Based Access Control Administrator"),
    ("Before", "checks and a plan; nothing is created until you start it"),
    ("Duration", "shown by the review; cost per month by the sizing page"),
    ("Answers", "saved on this machine while you type; secrets in the keyring"),
    ("Afterwards", "a run can be stopped, resumed, and repeated from an answers file"),
)
"""Each fits one line of 80 columns."""
MY_ROLES = (
    "o opens the subscriptions of your account in the portal, with your role in each; c copies the command of a line."
)
NEW, REHEARSE, RESUME, OPEN, ATTACH, CONTINUE, ASIDE, CHANGE = (
    "new",
    "rehearse",
    "resume",
    "open",
    "attach",
    "continue",
    "aside",
    "change",
)


class Ways(OptionList):
    """The ways to begin; the footer has Enter, which a new user may not guess."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "select", "choose", key_display="Enter")]


class FileField(Input):
    """The field for the name of a file."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "open", key_display="Enter"),
        Binding("escape", "screen.close_file", "back to the list", key_display="Esc"),
    ]


class StartPage(WizardPage):
    """Ways to begin.

    Args:
        unfinished: The run that can be resumed, "" if there is none.
        begun: Whether there are saved answers.
        prefix: Their prefix, "" if it is not answered yet.
        aside: Whether answers were kept aside when the wizard was started over.
        completed: The newest run with its answers file, if it has succeeded.

    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "copy_command", "copy", tooltip="copy the command that does the same"),
        Binding("o", "open_portal", "portal", tooltip="open your subscriptions and roles in the portal"),
        Binding("f1", "explain", "help"),
    ]
    page_key = "start"

    def __init__(
        self,
        unfinished: str = "",
        *,
        begun: bool = False,
        prefix: str = "",
        aside: bool = False,
        completed: tuple[str, Path] | None = None,
    ) -> None:
        super().__init__()
        self._unfinished = unfinished
        self._begun = begun
        self._prefix = prefix
        self._aside = aside
        self._completed = completed

    def body(self) -> ComposeResult:
        """The text, the ways to begin, and a field for the name of a file."""
        width = max(len(name) for name, _ in FACTS)
        lines = [Content.styled(ABOUT, "bold"), Content("")]
        lines += [Content(f"{name.ljust(width)}  {text}") for name, text in FACTS]
        yield Static(Content("\n").join(lines), id="about")
        yield Ways(*self._options(), id="ways", compact=True, markup=False)
        yield FileField(id="file", placeholder="answers.yaml", compact=True)
        yield Static(id="file-problem", classes="note", markup=False)

    def _options(self) -> list[Option]:
        where = "a rehearsal: no charges" if self.wizard.rehearsal else "in your subscription"
        kept = "; the answers so far are kept aside" if self._begun else ""
        found = [Option(f"New installation, {where}{kept}", id=NEW)]
        if self._begun:
            of = f" of {self._prefix}" if self._prefix else ""
            found.insert(0, Option(f"Continue with the saved answers{of}", id=CONTINUE))
        if self._unfinished:
            found.insert(0, Option(f"Resume {self._unfinished}: completed steps are kept", id=RESUME))
        if self._completed is not None:
            what = (
                "Rehearse again, with the answers of"
                if self.wizard.rehearsal
                else "Change or check the installation of"
            )
            found.insert(0, Option(f"{what} {self._completed[0]}: they open at the review", id=CHANGE))
        if not self.wizard.rehearsal:
            found.append(Option("Rehearse first, on the embedded Azure: nothing is real, no charges", id=REHEARSE))
        found.append(Option(f"Open an answers file {glyph('more')}", id=OPEN))
        if self._aside:
            found.append(Option("Take back the answers that were kept aside", id=ASIDE))
        if not self.wizard.rehearsal:
            found.append(Option("Watch a run, or take over an installation of another machine", id=ATTACH))
        return found

    def on_mount(self) -> None:
        """Focus the list at once; the field for a file appears when it is needed."""
        self.query_one("#file").display = False
        self.set_focus(self.query_one("#ways", OptionList))
        self.set_help("Choose with the arrow keys and Enter. Ctrl+P lists all commands.")

    @on(OptionList.OptionSelected, "#ways")
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        chosen = event.option.id
        if chosen == NEW and self._begun:
            self.wizard.when_open(self.wizard.start_over)
        elif chosen in (NEW, CONTINUE):
            self.wizard.when_open(lambda: self.wizard.show_page("subscription"))
        elif chosen == ASIDE:
            self.wizard.when_open(self.wizard.take_back)
        elif chosen == RESUME:
            self.wizard.resume_run(self._unfinished)
        elif chosen == CHANGE and self._completed is not None:
            self._open(self._completed[1])
        elif chosen == OPEN:
            field = self.query_one("#file", Input)
            field.display = True
            self.set_focus(field)
            self.set_help("Name of the file; Enter opens it at the review, Escape returns to the list.")
        elif chosen in (REHEARSE, ATTACH):
            self.wizard.leave_for(chosen)

    @on(Input.Submitted, "#file")
    def _named(self, event: Input.Submitted) -> None:
        event.stop()
        self._open(Path(event.value.strip() or event.input.placeholder).expanduser())

    def _open(self, path: Path) -> None:
        """Show the answers of a file at the review."""

        def load() -> "Loaded":
            from installer.answers.files import load as read

            return read(path)

        def failed(error: Exception) -> None:
            self.query_one("#file-problem", Static).update(Content(f"{glyph('question')} {reason(error)}"))
            self.app.push_screen(HelpDialog("The file cannot be used", str(error)))

        in_background(self, load, lambda loaded: self.wizard.open_draft(loaded.draft), failed)

    def action_copy_command(self) -> None:
        """Copy the command that begins in the way under the cursor."""
        ways = self.query_one(Ways)
        words = self._command_of(ways.get_option_at_index(ways.highlighted or 0).id)
        self.app.copy_to_clipboard(words)
        self.wizard.flash(f"Copied: {words}")

    def _command_of(self, chosen: str | None) -> str:
        if chosen == RESUME:
            return command(f"resume {self._unfinished}")
        if chosen == ATTACH:
            return command("attach")
        if chosen == CHANGE and self._completed is not None:
            return command(
                f"{'rehearse --answers' if self.wizard.rehearsal else 'apply'} {shlex.quote(str(self._completed[1]))}"
            )
        wizard = "rehearse" if self.wizard.rehearsal or chosen == REHEARSE else ""
        return command(f"{wizard} --answers answers.yaml" if chosen == OPEN else wizard).strip().replace("  ", " ")

    def action_open_portal(self) -> None:
        """Open the page on which the portal lists the subscriptions of an account with its roles."""
        from installer.conventions.portal import subscriptions_page

        open_address(cast("TerminalApp", self.app), subscriptions_page())

    def action_close_file(self) -> None:
        """Return from the name of a file to the list."""
        self.query_one("#file").display = False
        self.set_focus(self.query_one("#ways", OptionList))

    def action_explain(self) -> None:
        """Open the text as a whole."""
        facts = "\n\n".join(f"{name}: {text}" for name, text in FACTS)
        self.app.push_screen(HelpDialog("FlowForge Installer", f"{ABOUT}\n\n{facts}\n\n{MY_ROLES}"))
