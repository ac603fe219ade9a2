"""The review: every decision with its source, every resource to be created, and the button that leads to the checks."""

from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal
from textual.content import Content
from textual.widgets import Button, OptionList, Static

from installer.conventions.counts import counted
from installer.durations import clock
from installer.invocation import command
from screens.base.background import in_background, reason
from screens.base.dialogs import HelpDialog
from screens.base.frame import PAGE_TITLES
from screens.base.glyphs import glyph, truncate
from screens.wizard.decisions import decisions
from screens.wizard.fold_list import FoldList, full_text
from screens.wizard.fold_page import FoldPage
from screens.wizard.topology import TopologyPage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from installer.answers.model import Answers
    from installer.answers.pages.subscription import Subscription
    from installer.estate.resources import Stage
    from installer.planning.branch import Branch
    from screens.wizard.shell import View

ESTATE_LEVELS: Final = 2
"""Levels of the resources that = unfolds: deployments. Properties open one resource at a time."""
NEXT_VIEW: Final["Mapping[View, View]"] = {"all": "defaults", "defaults": "applied", "applied": "all"}


class ReviewPage(FoldPage):
    """Decisions and the resources that follow from them. `focus` is the key of the decision to select."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "edit", "change", tooltip="change the decision"),
        Binding("d", "view", "changed", tooltip="all decisions, those changed, those other than in the last run"),
        Binding("t", "topology", "topology", tooltip="picture of the networks, endpoints and identities"),
        Binding("p", "plan", "plan", tooltip="compare with what exists in Azure"),
        Binding("x", "export", "export", tooltip="write the answers to a file"),
        Binding("tab", "app.focus_next", "next list", show=False),
        Binding("ctrl+n", "to_checks", "checks"),
        Binding("ctrl+b", "back", "back", show=False),
        Binding("f1", "explain", "help"),
    ]
    page_key = "review"
    PLACEHOLDER = "words in decisions and resources"
    RESOURCES = "estate"
    EXISTING = False

    def __init__(self, focus: str = "") -> None:
        super().__init__()
        self._focus_key = focus
        self._unresolved: list[str] = []
        self._count = ""
        self._cautions: list[str] = []
        self._applied: tuple[str, dict[str, object]] | None = None

    def body(self) -> ComposeResult:
        """Decisions, resources, button."""
        with Container(id="both"):
            yield FoldList(id="decisions", opened=self.wizard.review.opened)
            yield FoldList(id="estate", levels=ESTATE_LEVELS)
        yield self.search_field()
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
        self._show_help()
        if self.wizard.review.words:
            self.open_search(self.wizard.review.words)
        draft, session = self.wizard.draft_store.snapshot(), self.wizard.session
        in_background(
            self,
            lambda: session.applied(draft),
            self._compare_with,
            lambda _error: None,
        )

    def _show_help(self) -> None:
        number = sum(len(page.children) for page in self._pages)
        views = {
            "all": "All decisions by page; → unfolds, = unfolds everything. e or Enter changes a decision, x exports all.",
            "defaults": f"{counted(number, 'decision')} other than presets and defaults; d shows other views.",
            "applied": f"{counted(number, 'decision')} other than in {self._applied[0] if self._applied else 'the last run'}; d shows all.",
        }
        self.set_help(views[self.wizard.review.view])

    # -- decisions -----------------------------------------------------------------------------------------------

    def _fill_decisions(self) -> None:
        draft = self.wizard.draft_store.draft
        problems = self.wizard.problems()
        self.wizard.count_problems(problems)
        pages, view = self.wizard.page_keys[:-1], self.wizard.review.view
        other = self._applied[1] if self._applied is not None and view == "applied" else None
        self._pages = tuple(
            decisions(
                draft, pages, problems, self.wizard.label_of, lambda key: view == "all" or draft.differs(key, other)
            )
        )
        shown = self.query_one("#decisions", FoldList)
        if view != "all":
            self.wizard.review.opened.update(page.key for page in self._pages)
        shown.show(self._pages)
        keys = [question.key for page in pages for question in draft.questions(page)]
        self._unresolved = [key for key in keys if key in problems]
        wanted = self._focus_key if self._focus_key not in problems else ""
        wanted = wanted or next(iter(self._unresolved), "")
        if wanted:
            shown.go_to(wanted)
        self._cautions = [
            f"{glyph('question')} {one.message[:1].upper()}{one.message[1:]}." for one in draft.cautions()
        ]
        told = self.query_one("#cautions", Static)
        told.update(Content("\n".join(self._cautions)))
        told.display = bool(self._cautions) and not problems
        self.query_one("#start", Button).disabled = bool(problems)
        self.refresh_frame()

    def _compare_with(self, found: "tuple[str, Answers] | None") -> None:
        from installer.answers.draft import flatten

        if found is not None:
            self._applied = found[0], flatten(found[1])
            if self.wizard.review.view == "applied":
                self._fill_decisions()
                self._show_help()

    def action_view(self) -> None:
        """List all decisions, those other than the defaults, or those other than in the last run that installed."""
        view = NEXT_VIEW[self.wizard.review.view]
        self.wizard.review.view = "all" if view == "applied" and self._applied is None else view
        current = self.query_one("#decisions", FoldList).current
        self._focus_key = current.key if current is not None else ""
        self._fill_decisions()
        self._show_help()

    @property
    def _open_text(self) -> str:
        return counted(len(self._unresolved), "decision is open", "decisions are open")

    # -- consequences --------------------------------------------------------------------------------------------

    def _show_consequences(self) -> None:
        """Show the resources to be created, then the comparison with Azure; both are computed in the background."""
        if self._unresolved:
            self._caption(f"{self._open_text}; press e to change {'it' if len(self._unresolved) == 1 else 'them'}.")
            return
        answers = self.wizard.draft_store.draft.answers()

        def expect() -> "tuple[tuple[Stage, ...], tuple[Branch, ...]]":
            from installer.estate.resources import estate
            from installer.planning.estate_tree import estate_branches

            stages = estate(answers)
            return stages, estate_branches(answers, stages)

        self._caption(f"computing the resources {glyph('more')}")
        in_background(self, expect, lambda found: self._show_estate(answers, *found), self._failed)

    def _failed(self, error: Exception) -> None:
        self._caption(f"{glyph('question')} {reason(error)}")

    def _caption(self, text: str) -> None:
        self.query_one("#caption", Static).update(Content(truncate(text, 200)), layout=False)

    def _show_estate(self, answers: "Answers", stages: "tuple[Stage, ...]", tree: "tuple[Branch, ...]") -> None:
        self.query_one("#estate", FoldList).show(tree)
        count = sum(len(stage.resources) for stage in stages)
        self._count = counted(count, "resource")
        self._caption(f"{self._count}; comparing with Azure {glyph('more')}")

        def compare() -> str:
            from installer.planning.report import heading

            plan = self.wizard.session.plan(answers)
            usual = f", usual duration in Azure {clock(plan.usual)}" if plan.usual else ""
            return f"{usual}: {heading(plan)}"

        in_background(self, compare, self._compared, self._not_compared)

    def _compared(self, text: str) -> None:
        self._caption(f"{self._count}{text}")

    def _not_compared(self, error: Exception) -> None:
        self._caption(f"{self._count}; not compared with Azure: {reason(error)}")

    # -- keys ----------------------------------------------------------------------------------------------------

    @on(OptionList.OptionSelected, "#decisions")
    def action_edit(self) -> None:
        """Change the decision under the cursor and return here; of a page its first."""
        here = self.query_one("#decisions", FoldList).current
        if here is not None:
            key = here.children[0].key if here.children else here.key
            self.wizard.show_page(key.partition(".")[0], focus=key, amend=True)

    @on(OptionList.OptionSelected, "#estate")
    def _whole(self) -> None:
        """Show a property that is longer than its line."""
        here = self.query_one("#estate", FoldList).current
        if here is not None:
            self.app.push_screen(HelpDialog("Resource", "\n".join(full_text(here))))

    def action_topology(self) -> None:
        """Show the picture of the installation, if the answers are complete."""
        if self._unresolved:
            self.wizard.flash(f"No picture yet: {self._open_text}. Press e to change the selected decision.")
        else:
            self.app.push_screen(TopologyPage(self.wizard.draft_store.draft.answers()))

    # -- hooks of the page of lists -------------------------------------------------------------------------------

    @property
    def searched_words(self) -> str:
        """The words, which the next review has again."""
        return self.wizard.review.words

    def search_changed(self, words: str) -> None:
        """Keep the words for the next review."""
        self.wizard.review.words = words

    def where(self) -> "Subscription | None":
        """The subscription, once no decision is open."""
        return None if self._unresolved else super().where()

    # -- other keys ----------------------------------------------------------------------------------------------

    def action_plan(self) -> None:
        """Show the plan, if the answers are complete."""
        if self._unresolved:
            self.wizard.flash(f"No plan yet: {self._open_text}. Press e to change the selected decision.")
        else:
            self.wizard.show_page("plan", focus="review")

    def action_export(self) -> None:
        """Write the answers file."""
        self.wizard.export()

    def action_to_checks(self) -> None:
        """Go to the checks, which only read, or to the first decision that is missing."""
        if self._unresolved:
            shown = self.query_one("#decisions", FoldList)
            shown.go_to(self._unresolved[0])
            self.set_focus(shown)
            self.wizard.flash(f"Cannot start yet: {self._open_text}. Press e to change the selected decision.")
        else:
            self._start()

    def action_back(self) -> None:
        """Go to the previous page."""
        self.wizard.show_page(self.wizard.page_keys[-2])

    def action_explain(self) -> None:
        """Open the help of this page."""
        cautions = "".join(f"{one}\n\n" for one in self._cautions)
        text = (
            f"{cautions}The first list has every decision and its source: given by you, from a file, from a previous run, from the "
            "preset, discovered in Azure, or a default. d lists only those that you have changed against the presets and defaults, or "
            "against the last run of this installation, which Azure has recorded for every machine. The second list has every resource to be created; a resource "
            "opens with its properties. p compares them with Azure, t draws them.\n\n"
            "/ searches both lists, properties included. In the second list, c copies the ID and o opens the page in the portal.\n\n"
            f"x writes the answers to a file; {command('apply')} uses it to repeat the installation without questions."
        )
        self.app.push_screen(HelpDialog("Review", text))

    @on(Button.Pressed, "#start")
    def _start(self) -> None:
        self.wizard.show_page("checks")
