"""The plan as a tree: environment, resource group, change, and the properties with before and after. Read-only."""

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from installer.invocation import command
from screens.base.background import in_background, reason
from screens.base.dialogs import HelpDialog
from screens.base.glyphs import glyph, truncate
from screens.wizard.shell import WizardPage

if TYPE_CHECKING:
    from installer.planning.model import Plan
    from installer.planning.tree import Node


class PlanPage(WizardPage):
    """Everything that a run would change, compared with what exists."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "again", "plan again"),
        Binding("ctrl+b", "back", "back"),
        Binding("f1", "explain", "help"),
    ]
    page_key = "plan"

    def __init__(self) -> None:
        super().__init__()
        self._shown: list[Node] = []
        self._attempt = 0

    def body(self) -> ComposeResult:
        """The tree and a caption."""
        yield OptionList(id="plan", compact=True, markup=False)
        yield Static(id="caption", markup=False)

    def on_mount(self) -> None:
        """Make the plan."""
        self.set_focus(self.query_one("#plan"))
        self.set_help(
            "+ create  ~ change  -/+ replace  - delete  ! blocked, by others or left over  = as is. Enter: all of it."
        )
        self.action_again()

    def action_again(self) -> None:
        """Make the plan in the background."""
        self._attempt += 1
        attempt, session = self._attempt, self.wizard.session
        draft = self.wizard.draft_store.draft
        answers = draft.answers()
        self._caption(f"comparing with Azure {glyph('more')}")
        in_background(
            self, lambda: session.plan(answers, draft=draft), lambda plan: self._made(attempt, plan), self._failed
        )

    def _made(self, attempt: int, plan: "Plan") -> None:
        from installer.planning.report import heading
        from installer.planning.tree import tree

        if attempt != self._attempt:
            return
        self._shown = list(tree(plan))
        listed = self.query_one("#plan", OptionList)
        listed.clear_options()
        listed.add_options([Option(Content(truncate(node.line, 200))) for node in self._shown])
        if self._shown:
            listed.highlighted = 0
        sealed = f"; digest {plan.digest[:12]}" if plan.digest else ""
        self._caption(f"{heading(plan)}{sealed}")

    def _failed(self, error: Exception) -> None:
        self._caption(f"{glyph('question')} not compared: {reason(error)}; r tries again")

    def _caption(self, text: str) -> None:
        self.query_one("#caption", Static).update(Content(truncate(text, 200)), layout=False)

    @on(OptionList.OptionSelected, "#plan")
    def _selected(self, event: OptionList.OptionSelected) -> None:
        """Show the whole text of a line with the lines below it."""
        at = event.option_index
        lines = [self._shown[at].line]
        for node in self._shown[at + 1 :]:
            if node.level <= self._shown[at].level:
                break
            lines.append(node.line)
        self.app.push_screen(HelpDialog("PlanPage", "\n".join(lines)))

    def action_back(self) -> None:
        """Return to the checks."""
        self.wizard.show_page("checks")

    def action_explain(self) -> None:
        """Open the help of this page."""
        text = (
            "The plan compares resources, app registrations, secrets by name, objects in Prefect, DNS records and approvals with "
            f"what exists. {command('plan')} writes the same as JSON, Markdown or HTML, with a digest; apply --plan installs "
            "exactly that plan, and refuses if reality has moved since."
        )
        self.app.push_screen(HelpDialog("PlanPage", text))
