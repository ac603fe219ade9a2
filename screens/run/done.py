"""The last page: addresses, verified results, next steps and files."""

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from installer.invocation import command
from installer.quantities import counted
from installer.runs.summary import summarize
from screens.base.glyphs import glyph
from screens.run.shell import RunPage

if TYPE_CHECKING:
    from installer.runs.run import Run


class DonePage(RunPage):
    """Summary of a finished installation."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "export", "export answers"),
        Binding("k", "stay", "keep Prefect"),
        Binding("enter", "app.leave", "leave", show=False),
    ]
    page_key = "done"

    def __init__(self, run: "Run") -> None:
        super().__init__()
        self.run = run

    def body(self) -> ComposeResult:
        """The summary."""
        with VerticalScroll(id="done"):
            yield Static(self._text(), markup=False)

    def _text(self) -> Content:
        facts = self.run.facts
        summary = summarize(facts.answers, self.run.journal.events(), self.run.journal)
        lines = ["", *(f"  {name:<20} {address}" for name, address in summary.addresses.items())]
        lines += ["", "Verified"] + [f"  {glyph('done')} {sentence}" for sentence in summary.proved]
        if summary.kept:
            lines += ["", "Set by others and kept"] + [f"  {glyph('done')} {sentence}" for sentence in summary.kept]
        lines += ["", "Next steps"] + [f"  {glyph('waiting')} {sentence}" for sentence in summary.left]
        lines += ["", "Files", f"  answers  {self.run.exported}", f"  run      {self.run.name}"]
        install = command(f"apply {self.run.exported} --yes")
        if self.shell.rehearsal:
            rehearse = command(f"rehearse --answers {self.run.exported} --yes")
            lines += ["", "To repeat this rehearsal without questions", f"  {rehearse}"]
            lines += ["", "To install this in Azure", f"  {install}"]
            done = f"Rehearsed: {counted(summary.resources, 'resource')}. Nothing was deployed to Azure, no charges."
        else:
            lines += ["", "To repeat this installation without questions", f"  {install}"]
            done = f"FlowForge is installed: {counted(summary.resources, 'resource')}."
        heading = Content.styled(done, "bold")
        return Content("\n").join([heading, *(Content(line) for line in lines)])

    def on_mount(self) -> None:
        """Focus the text so that it can be scrolled."""
        for body in self.query("#done"):  # none if the app is just being left
            self.set_focus(body)
        if self.shell.rehearsal:
            self.set_help("Prefect stops when you leave this page; k keeps it running.")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  Textual's
        """Only a rehearsal runs its own Prefect server."""
        return self.shell.rehearsal if action == "stay" else True

    def action_export(self) -> None:
        """Write the answers to the working directory."""
        self.shell.export()

    def action_stay(self) -> None:
        """Keep the rehearsal's Prefect server running when the installer ends."""
        self.shell.session.keep_prefect()
        self.set_help("Prefect keeps running after you leave, until you stop its process.")
