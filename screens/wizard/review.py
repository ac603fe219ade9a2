"""The review: every decision with its source, every resource to be created, and the button that leads to the checks."""

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal
from textual.content import Content
from textual.widgets import Button, OptionList, Static
from textual.widgets.option_list import Option

from installer.conventions.counts import counted
from installer.durations import clock
from installer.invocation import command
from screens.base.background import in_background, reason
from screens.base.dialogs import HelpDialog
from screens.base.frame import PAGE_TITLES
from screens.base.glyphs import cells, fit, glyph, truncate
from screens.wizard.shell import WizardPage

if TYPE_CHECKING:
    from installer.answers.model import Answers
    from installer.estate.resources import Planned, Stage

PAGE_CELLS, LABEL_CELLS = 13, 19
ESTATE_CELLS, WIDE_CELLS = (34, 18), (44, 24)
"""Widths of a resource's name and type; the rest of the line shows its resource group."""


class ReviewPage(WizardPage):
    """Decisions and the resources that follow from them. `focus` is the key of the decision to select."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "app.focus_next", "field", key_display="Tab"),
        Binding("e", "edit", "edit"),
        Binding("p", "plan", "plan"),
        Binding("x", "export", "export"),
        Binding("ctrl+n", "to_start", "to start"),
        Binding("ctrl+b", "back", "back"),
        Binding("f1", "explain", "help"),
    ]
    page_key = "review"

    def __init__(self, focus: str = "") -> None:
        super().__init__()
        self._focus_key = focus
        self._unresolved: list[str] = []
        self._usual = ""
        self._cautions: list[str] = []

    def body(self) -> ComposeResult:
        """Decisions, resources, button."""
        with Container(id="both"):
            yield OptionList(id="decisions", compact=True, markup=False)
            yield OptionList(id="estate", compact=True, markup=False)
        yield Static(id="cautions", markup=False)
        yield Static(id="caption", markup=False)
        with Horizontal(id="start-row"):
            yield Button(Content("Check, then start"), id="start", compact=True, variant="primary")

    def on_mount(self) -> None:
        """Fill both lists."""
        self.wizard.seen_pages.update(PAGE_TITLES)
        self.set_focus(self.query_one("#decisions"))
        self._fill_decisions()
        self._show_consequences()
        self.set_help(
            "All decisions and resources. e changes the decision under the cursor, p shows the plan as a tree."
        )

    # -- decisions -----------------------------------------------------------------------------------------------

    def _fill_decisions(self) -> None:
        draft = self.wizard.draft_store.draft
        problems = self.wizard.problems()
        self.wizard.count_problems(problems)
        options: list[Option] = []
        keys: list[str] = []
        for page in self.wizard.page_keys[:-1]:
            title = PAGE_TITLES[page]
            for question in draft.questions(page):
                shown = self.wizard.label_of(question.key) or question.shown(draft.value(question.key)) or "none"
                bad = problems.get(question.key)
                text = f"{glyph('question')} {bad}" if bad else f"{shown}  ({draft.source(question.key)})"
                line = f"{fit(title, PAGE_CELLS)} {fit(question.ask.label, LABEL_CELLS)} {truncate(text, 200)}"
                options.append(Option(Content.styled(line, "bold" if bad else "")))
                keys.append(question.key)
        self._keys = keys
        self._unresolved = [key for key in keys if key in problems]
        decisions = self.query_one("#decisions", OptionList)
        decisions.clear_options()
        decisions.add_options(options)
        wanted = (
            self._focus_key
            if self._focus_key in keys and self._focus_key not in self._unresolved
            else next(iter(self._unresolved), "")
        )
        decisions.highlighted = keys.index(wanted) if wanted else 0
        self._cautions = [
            f"{glyph('question')} {one.message[:1].upper()}{one.message[1:]}." for one in draft.cautions()
        ]
        told = self.query_one("#cautions", Static)
        told.update(Content("\n".join(self._cautions)))
        told.display = bool(self._cautions) and not problems
        self.query_one("#start", Button).disabled = bool(problems)
        self.refresh_frame()

    # -- consequences --------------------------------------------------------------------------------------------

    def _show_consequences(self) -> None:
        """Show the resources to be created, then the comparison with Azure; both are computed in the background."""
        if self._unresolved:
            count = len(self._unresolved)
            self._caption(
                f"{counted(count, 'decision is', 'decisions are')} missing; press e to change {'it' if count == 1 else 'them'}."
            )
            return
        answers = self.wizard.draft_store.draft.answers()

        def expect() -> "tuple[tuple[Stage, ...], float]":
            from installer.estate.resources import critical_seconds, estate

            stages = estate(answers)
            return stages, critical_seconds(stages)

        self._caption(f"computing the resources {glyph('more')}")
        in_background(self, expect, lambda found: self._show_estate(answers, *found), self._failed)

    def _failed(self, error: Exception) -> None:
        self._caption(f"{glyph('question')} {reason(error)}")

    def _caption(self, text: str) -> None:
        self.query_one("#caption", Static).update(Content(truncate(text, 200)), layout=False)

    def _show_estate(self, answers: "Answers", stages: "tuple[Stage, ...]", usual: float) -> None:
        found = self.query_one("#estate", OptionList)
        name, kind = WIDE_CELLS if self.has_class("-wide") else ESTATE_CELLS
        for stage in stages:
            title = Content.styled(f"{stage.spec.title}  {len(stage.resources)}", "bold")
            found.add_option(Option(title, disabled=True))
            found.add_options(Option(Content(_resource_line(one, name, kind))) for one in stage.resources)
        count = sum(len(stage.resources) for stage in stages)
        self._usual = f"{counted(count, 'resource')}, usual duration in Azure {clock(usual)}"
        self._caption(f"{self._usual}; comparing with Azure {glyph('more')}")

        def compare() -> str:
            from installer.planning.report import heading

            return heading(self.wizard.session.plan(answers))

        in_background(self, compare, self._compared, self._not_compared)

    def _compared(self, text: str) -> None:
        self._caption(f"{self._usual}: {text}")

    def _not_compared(self, error: Exception) -> None:
        self._caption(f"{self._usual}; not compared with Azure: {reason(error)}")

    # -- keys ----------------------------------------------------------------------------------------------------

    @on(OptionList.OptionSelected, "#decisions")
    def action_edit(self) -> None:
        """Change the decision under the cursor and return here."""
        highlighted = self.query_one("#decisions", OptionList).highlighted
        if highlighted is not None:
            key = self._keys[highlighted]
            self.wizard.show_page(key.partition(".")[0], focus=key, amend=True)

    def action_plan(self) -> None:
        """Show the plan, if the answers are complete."""
        if self._unresolved:
            self.wizard.flash(f"No plan yet: {len(self._unresolved)} missing. Press e to change the selected decision.")
        else:
            self.wizard.show_page("plan", focus="review")

    def action_export(self) -> None:
        """Write the answers file."""
        self.wizard.export()

    def action_to_start(self) -> None:
        """Focus the start button, or the first decision that is missing."""
        if self._unresolved:
            decisions = self.query_one("#decisions", OptionList)
            decisions.highlighted = self._keys.index(self._unresolved[0])
            self.set_focus(decisions)
            self.wizard.flash(
                f"Cannot start yet: {len(self._unresolved)} missing. Press e to change the selected decision."
            )
        else:
            self.set_focus(self.query_one("#start"))

    def action_back(self) -> None:
        """Go to the previous page."""
        self.wizard.show_page(self.wizard.page_keys[-2])

    def action_explain(self) -> None:
        """Open the help of this page."""
        cautions = "".join(f"{one}\n\n" for one in self._cautions)
        text = (
            f"{cautions}The first list has every decision and its source: given by you, from a file, from a previous run, from the "
            "preset, discovered in Azure, or a default. The second list has every resource to be created; p compares them with Azure.\n\n"
            f"x writes the answers to a file; {command('apply')} uses it to repeat the installation without questions."
        )
        self.app.push_screen(HelpDialog("Review", text))

    @on(Button.Pressed, "#start")
    def _start(self) -> None:
        self.wizard.show_page("checks")


def _resource_line(one: "Planned", name: int, kind: int) -> str:
    """A planned resource in columns; a title that is wider than that of the names takes that of the types, too."""
    wide = cells(one.shown) > name and bool(one.title)
    shown = fit(one.shown, name + kind + 1) if wide else f"{fit(one.shown, name)} {fit(one.kind, kind)}"
    return f"  + {shown} {one.group}"
