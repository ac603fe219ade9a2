"""The plan as a tree: environment, resource group, change, and the properties with before and after. Read-only."""

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList, Static

from installer.conventions.counts import counted
from installer.invocation import command
from screens.base.background import in_background, reason
from screens.base.dialogs import HelpDialog
from screens.base.glyphs import glyph, truncate
from screens.wizard.fold_list import FoldList, full_text
from screens.wizard.fold_page import FoldPage

if TYPE_CHECKING:
    from installer.planning.model import Plan


class PlanPage(FoldPage):
    """Everything that a run would change, compared with what exists. `origin` is the page to return to."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "details", "details", tooltip="whole text of the part, with everything below it"),
        Binding("r", "again", "again", tooltip="compare again"),
        Binding("ctrl+n", "to_checks", "checks"),
        Binding("ctrl+b,escape", "back", "back", key_display="^B"),
        Binding("f1", "explain", "help"),
    ]
    page_key = "plan"
    PLACEHOLDER = "words of the plan"
    RESOURCES = "plan"

    def __init__(self, origin: str = "checks") -> None:
        super().__init__()
        self._origin = origin
        self._attempt = 0

    def body(self) -> ComposeResult:
        """The tree and a caption."""
        yield FoldList(id="plan")
        yield self.search_field()
        yield Static(id="caption", markup=False)

    def on_mount(self) -> None:
        """Make the plan."""
        self.set_focus(self.query_one("#plan"))
        self.set_help(
            "+ create  ~ change  -/+ replace  - delete  ! blocked, by others or left over  = as is  · not ours"
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
        from installer.planning.tree import branches

        if attempt != self._attempt:
            return
        self.query_one("#plan", FoldList).show(branches(plan))
        sealed = f"; digest {plan.digest[:12]}" if plan.digest else ""
        noise = f"; {counted(plan.noise, 'difference')} folded" if plan.noise else ""
        self._caption(f"{heading(plan)}{noise}{sealed}")

    def _failed(self, error: Exception) -> None:
        self._caption(f"{glyph('question')} not compared: {reason(error)}; r tries again")

    def _caption(self, text: str) -> None:
        self.query_one("#caption", Static).update(Content(truncate(text, 200)), layout=False)

    @on(OptionList.OptionSelected, "#plan")
    def action_details(self) -> None:
        """Show the whole text of the part under the cursor, with everything below it."""
        here = self.query_one("#plan", FoldList).current
        if here is not None:
            self.app.push_screen(HelpDialog("Plan", "\n".join(full_text(here))))

    # -- other keys ----------------------------------------------------------------------------------------------

    def action_to_checks(self) -> None:
        """Show the checks."""
        self.wizard.show_page("checks")

    def action_back(self) -> None:
        """Return to the page from which the plan was opened."""
        self.wizard.show_page(self._origin)

    def action_explain(self) -> None:
        """Open the help of this page."""
        text = (
            "The plan compares resources, app registrations, secrets by name, objects in Prefect, DNS records and approvals with "
            "what exists. It opens on what changes; what stays as it is, is counted. ← and → fold and unfold, - and = do so with "
            "everything, d shows all of a part, / searches. c copies the ID of a resource, o opens its page in the portal.\n\n"
            f"{command('plan')} writes the same as JSON, Markdown or HTML, with a digest; apply --plan installs exactly that plan, "
            "and refuses if reality has moved since."
        )
        self.app.push_screen(HelpDialog("Plan", text))
