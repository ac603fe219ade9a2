"""The last page: what exists, what was proved, what is left, where everything is."""

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from installer.invocation import command
from installer.runs.summary import summarize
from screens.base.glyphs import sign
from screens.run.shell import RunPage

if TYPE_CHECKING:
    from installer.runs.run import Run


class Done(RunPage):
    """The installation stands."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "export", "export answers"),
        Binding("k", "stay", "keep Prefect"),
        Binding("enter", "app.leave", "leave", show=False),
    ]
    place = "done"

    def __init__(self, run: "Run") -> None:
        super().__init__()
        self.run = run

    def body(self) -> ComposeResult:
        """The summary."""
        with VerticalScroll(id="done"):
            yield Static(self._text(), markup=False)

    def _text(self) -> Content:
        facts = self.run.facts
        summary = summarize(facts.answers, self.run.journal.events())
        lines = ["", *(f"  {name:<20} {address}" for name, address in summary.addresses.items())]
        lines += ["", "Proved"] + [f"  {sign('done')} {sentence}" for sentence in summary.proved]
        lines += ["", "Left to do"] + [f"  {sign('waiting')} {sentence}" for sentence in summary.left]
        lines += ["", "Kept", f"  answers  {self.run.exported}", f"  run      {self.run.name}"]
        lines += ["", "Repeat it without questions", f"  {command(f'apply {self.run.exported} --yes')}"]
        if self.shell.rehearsal:
            lines += ["", "This was a rehearsal: nothing was built in Azure, nothing is paid."]
        heading = Content.styled(f"FlowForge stands: {summary.resources} resources are in place.", "bold")
        return Content("\n").join([heading, *(Content(line) for line in lines)])

    def on_mount(self) -> None:
        """Focus on the text, so that it scrolls."""
        for body in self.query("#done"):  # none when the app is left in this very moment
            self.set_focus(body)
        if self.shell.rehearsal:
            self.say("Prefect runs as long as this page is open; k keeps it running afterwards.")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  Textual's
        """Only a rehearsal has a Prefect of its own."""
        return self.shell.rehearsal if action == "stay" else True

    def action_export(self) -> None:
        """Write the answers to the working directory."""
        self.shell.export()

    def action_stay(self) -> None:
        """Leave the rehearsed Prefect running when the installer ends."""
        self.shell.session.keep_prefect()
        self.say("Prefect goes on running after you leave, until you end its process.")
