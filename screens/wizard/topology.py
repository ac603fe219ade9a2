"""The picture of the installation over the review: networks, endpoints, ways in, identities, at any width."""

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static
from typing_extensions import override

from installer.invocation import command
from screens.base.background import in_background, reason
from screens.base.glyphs import glyph
from screens.wizard.shell import WizardPage

if TYPE_CHECKING:
    from installer.answers.model import Answers
    from installer.topology.model import Topology


class TopologyPage(WizardPage):
    """Draws the planned resources of answers; Escape returns to the page below."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,t", "close", "back", key_display="Esc")]
    HELP_ROWS = 1
    page_key = "review"

    def __init__(self, answers: "Answers") -> None:
        super().__init__()
        self._answers = answers
        self._found: Topology | None = None
        self._drawn_width = 0

    def body(self) -> ComposeResult:
        """The picture, which scrolls."""
        with VerticalScroll(id="topology"):
            yield Static(f"drawing {glyph('more')}", id="topology-picture", markup=False)

    def on_mount(self) -> None:
        """Read the planned resources in the background."""
        self.set_help(f"Drawn from the planned resources. {command('picture F -o FILE.svg')} writes it for documents.")
        self.set_focus(self.query_one("#topology"))
        answers = self._answers

        def read() -> "Topology":
            from installer.topology.estate_topology import topology

            return topology(answers)

        in_background(self, read, self._show, lambda error: self._put(f"{glyph('question')} {reason(error)}"))

    def _show(self, found: "Topology") -> None:
        self._found = found
        self.fit()

    @override
    def fit(self) -> None:
        """Draw again for another width."""
        from installer.topology.text import drawing

        width = self.query_one("#topology-picture").size.width  # without the scroll bar
        if self._found is not None and width and width != self._drawn_width:
            self._drawn_width = width
            self._put(drawing(self._found, width))

    def _put(self, text: str) -> None:
        self.query_one("#topology-picture", Static).update(Content(text))

    def action_close(self) -> None:
        """Return to the page below."""
        self.app.pop_screen()
