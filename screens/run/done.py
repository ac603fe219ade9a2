"""The last page: addresses, verified results, next steps and files."""

from typing import TYPE_CHECKING, ClassVar, Final, Protocol, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static
from typing_extensions import override

from installer.engine.progress import Progress
from installer.invocation import command
from installer.runs import closing
from installer.runs.summary import summarize
from screens.base.dialogs import Dialog, HelpDialog
from screens.base.frame import MIN_COLUMNS
from screens.base.glyphs import HANG, glyph, hanging
from screens.base.links import linked, open_address
from screens.base.states import style_of
from screens.run.help_texts import DONE
from screens.run.shell import RunPage
from screens.run.timeline import TimelinePage

if TYPE_CHECKING:
    from pathlib import Path

    from installer.engine.journal import Journal
    from installer.runs.facts import RunFacts
    from screens.base.terminal_app import TerminalApp

TEXT_CELLS: Final = 120
"""Width of the text where it is copied."""
MARGIN: Final = 4
"""Cells beside the text, before the page has a size."""


class FinishedRun(Protocol):
    """A run that has succeeded, executed by this process or another one."""

    journal: "Journal"

    @property
    def name(self) -> str:
        """Name of the run."""

    @property
    def facts(self) -> "RunFacts":
        """Its answers."""

    @property
    def exported(self) -> "Path":
        """Answers file that repeats it."""


class DonePage(RunPage):
    """Summary of a finished installation."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "export", "export answers"),
        Binding("k", "stay", "keep Prefect"),
        Binding("t", "timeline", "timeline"),
        Binding("c", "copy", "copy the text of the page", show=False),
        Binding("o", "open_address", "open the first address; in a rehearsal, Prefect", show=False),
        Binding("enter", "app.leave", "leave", show=False),
        Binding("f1", "explain", "help"),
    ]
    page_key = "done"

    def __init__(self, run: "FinishedRun", progress: Progress, *, own: bool = True) -> None:
        """Show a run; `own`: this process has executed it, and in a rehearsal runs its Prefect server."""
        super().__init__()
        self.run = run
        self.summary = summarize(run.facts.answers, run.journal.events(), run.journal)
        self._progress = progress
        self._own = own
        self._drawn_width = 0

    def body(self) -> ComposeResult:
        """The summary."""
        with VerticalScroll(id="done"):
            yield Static(self._text(MIN_COLUMNS - MARGIN), id="done-text", markup=False)

    @override
    def fit(self) -> None:
        """Wrap the lines for the new width."""
        for text in self.query("#done-text").results(Static):
            width = text.size.width  # without the scroll bar
            if width and width != self._drawn_width:
                self._drawn_width = width
                text.update(self._text(width))

    def _text(self, width: int) -> Content:
        """The outcome, then a part for each section that has lines."""
        rehearsal = self.shell.rehearsal
        heading = closing.heading(self.summary, rehearsal=rehearsal)
        parts = [Content.styled(heading, f"bold {style_of('done')}")]
        found = closing.sections(self.summary, self.run.exported, self.run.name, rehearsal=rehearsal)
        for section in closing.shown(found):
            parts.append(Content.styled(f"\n{section.title}" if section.title else "", "bold"))
            parts += [_line(section.kind, line, width) for line in section.lines]
        return Content("\n").join(parts)

    @property
    def lasting_text(self) -> str:
        """The lines that stay on the terminal after this page."""
        return closing.lasting_text(self.summary, self.run.exported, self.run.name, rehearsal=self.shell.rehearsal)

    def on_mount(self) -> None:
        """Focus the text so that it can be scrolled."""
        for body in self.query("#done"):  # none if the app is just being left
            self.set_focus(body)
        if self.shell.rehearsal and self._own:
            self.set_help("Prefect stops when you leave this page; k keeps it running.")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  Textual's
        """Only a rehearsal runs its own Prefect server."""
        return self.shell.rehearsal and self._own if action == "stay" else True

    def action_export(self) -> None:
        """Write the answers to the working directory."""
        self.shell.export()

    def action_copy(self) -> None:
        """Copy the whole text, as for a mail."""
        self.app.copy_to_clipboard(self._text(TEXT_CELLS).plain)
        self.flash("Copied, if your terminal allows it")

    def action_open_address(self) -> None:
        """Open the web app in the browser; a rehearsal has only Prefect, on this machine."""
        found = self.summary.addresses
        address = found.get("Prefect", "") if self.shell.rehearsal else next(iter(found.values()), "")
        if address:
            open_address(cast("TerminalApp", self.app), address)
        else:
            self.flash("There is no address to open")

    def action_timeline(self) -> None:
        """Show how long each step took."""
        self.app.push_screen(TimelinePage(self._progress, lambda: self._progress.ended))

    def action_explain(self) -> None:
        """Open the help of this page."""
        self.app.push_screen(HelpDialog("The last page", DONE))

    def action_stay(self) -> None:
        """Ask whether the rehearsal's Prefect server keeps running when the installer ends."""
        end = command("rehearse stop")
        text = f"The embedded Azure, PostgreSQL and Prefect use memory and processor time on this machine until {end} ends them."

        def kept(answer: str | None) -> None:
            if answer == "keep":
                self.shell.session.keep_prefect()
                self.set_help(f"Prefect keeps running after you leave; {end} ends it.")

        buttons = [("stop", "Stop it when I leave"), ("keep", "Keep it running")]
        self.app.push_screen(Dialog("Keep Prefect running?", text, buttons), kept)


def _line(kind: closing.Kind, text: str, width: int) -> Content:
    """A line with the sign of its state, or an address as a link that the terminal opens; its rest hangs below its text."""
    if kind == "address":
        name, _space, address = text.rpartition(" ")
        return Content(f"  {name} ") + linked(address)
    if kind == "plain":
        return Content(hanging(f"  {text}", width))
    sign, wrapped = glyph(kind), hanging(f"    {text}", width - HANG).replace("\n" + " " * HANG, "\n")
    return Content("  ") + Content.styled(sign, style_of(kind)) + Content(wrapped[3:])
