"""A page of questions, generated from the answers model."""

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.events import DescendantFocus
from textual.widgets import Input, Static
from typing_extensions import override

from installer.cost.pages import PRICED_PAGES
from screens.base.dialogs import HelpDialog
from screens.base.frame import MIN_COLUMNS
from screens.base.glyphs import cells, glyph
from screens.wizard.choices import Choices
from screens.wizard.costs import BUDGET, SIZES, LiveCosts
from screens.wizard.diagrams import cost_row, drawing_of, fact_of
from screens.wizard.picker import Picker
from screens.wizard.question_row import QuestionRow, field_id
from screens.wizard.remote_choices import RemoteChoicesPage

if TYPE_CHECKING:
    from installer.answers.questions import Question

LABEL_CELLS = 20


class Page(RemoteChoicesPage):
    """A page of questions. `page_key` is its key; `focus` is the question that gets the focus first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "app.focus_next", "field", key_display="Tab"),
        Binding("enter", "accept", "next field", show=False),
        Binding("ctrl+n", "next", "next"),
        Binding("ctrl+b", "back", "back"),
        Binding("f10", "to_review", "to the review", show=False),
        Binding("ctrl+r", "reload", "reload lists", show=False),
        Binding("f4", "take_proposal", "take it", key_display="F4"),
        Binding("f1", "explain", "help"),
        Binding("ctrl+s", "app.save", "save"),
    ]

    def __init__(self, page_key: str, focus: str = "") -> None:
        super().__init__()
        self.page_key = page_key
        self.wanted = focus
        self._drawn: dict[str, str] = {}
        self._drawn_room = MIN_COLUMNS - 6
        self._costs = LiveCosts(self, page_key, self.show_answers)

    # -- drawing it ----------------------------------------------------------------------------------------------

    def body(self) -> ComposeResult:
        """A row for every question of the page, including those that do not apply now."""
        from installer.answers.questions import questions_of

        with VerticalScroll(id="form", can_focus=False):
            for question in questions_of(self.page_key):
                row = QuestionRow(
                    question, self.wizard.draft_store.draft, kept=self.wizard.draft_store.has_secret(question.key)
                )
                self.rows.append(row)
                yield row
                if drawing_of(question.key):
                    yield Static(classes="drawing", id=f"drawing-{field_id(question.key)}", markup=False)
        if self.page_key in PRICED_PAGES:
            yield Static(id="cost", markup=False)

    def side(self) -> ComposeResult:
        """Full help of the focused question."""
        yield Static(id="side-help", markup=False)

    def on_mount(self) -> None:
        """Focus the requested question; on a page that was not open before, the first that has no answer yet; else the first."""
        known = self.page_key in self.wizard.seen_pages
        if known:  # who comes back sees what is still open
            for row in self.rows:
                row.touched = True
        self.wizard.seen_pages.add(self.page_key)
        self.show_answers()
        rows = {row.question.key: row for row in self.rows}
        unanswered = None if known else self._next_unanswered()
        self._focus_field(rows.get(self.wanted) or unanswered or next(iter(rows.values())))
        self.fetch_all(again=False)

    def show_answers(self) -> None:
        """Update the page from the draft."""
        draft = self.wizard.draft_store.draft
        applies = {question.key for question in draft.questions(self.page_key)}
        problems = self.wizard.problems()
        view = draft.view()
        for row in self.rows:
            row.display = row.question.key in applies
            row.refill(kept=self.wizard.draft_store.has_secret(row.question.key))
            facts = (fact_of(row.question.key, view), self._costs.fact(row.question))
            row.show_note(problems.get(row.question.key), f" {glyph('dot')} ".join(fact for fact in facts if fact))
            draw = drawing_of(row.question.key)
            if draw:
                picture = draw(view, self._room)
                if row.question.key == SIZES:
                    picture = f"{picture}\n{cost_row(self._costs.currency, self._costs.sizes)}"
                self._draw(row.question.key, picture)
        self._show_cost()
        self.wizard.count_problems(problems)
        self.refresh_frame()
        self._explain_here()

    @property
    def _room(self) -> int:
        """Columns of a picture; those of the smallest terminal before the page has a size."""
        return (self.query_one("#body").content_size.width or MIN_COLUMNS - 2) - 4

    @override
    def fit(self) -> None:
        """Draw the pictures again if their room has changed."""
        if self._room != self._drawn_room and any(drawing_of(row.question.key) for row in self.rows):
            self._drawn_room = self._room
            self.show_answers()

    def _draw(self, key: str, picture: str) -> None:
        if self._drawn.get(key) != picture:
            self._drawn[key] = picture
            self.query_one(f"#drawing-{field_id(key)}", Static).update(Content(picture))

    def _show_cost(self) -> None:
        """Show the estimate, and ask for that of the answers and the question that are now on the page."""
        if self.page_key in PRICED_PAGES:
            line = self.query_one("#cost", Static)
            line.display = self._costs.wanted
            line.update(Content(self._costs.lines()), layout=False)
            self._costs.ask(self.focused_question)
            self.refresh_bindings()

    # -- answers -------------------------------------------------------------------------------------------------

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self._take(event.input.id, event.value, by_hand=False)

    @on(Choices.Changed)
    def _chosen(self, event: Choices.Changed) -> None:
        self._take(event.choices.id, event.text, by_hand=True)

    @on(Picker.Changed)
    def _picked(self, event: Picker.Changed) -> None:
        self._take(event.picker.id, event.text, by_hand=False)

    def _take(self, name: str | None, text: str, *, by_hand: bool) -> None:
        """Store the text of a field in the draft, if it has changed or was chosen by the user (`by_hand`)."""
        row = next((row for row in self.rows if field_id(row.question.key) == name), None)
        if row is None:
            return
        key = row.question.key
        if text == row.shown_text and not by_hand:
            return  # the field was filled in from the draft, not typed by the user
        row.touched = True
        if row.question.kind == "secret":
            self.wizard.draft_store.set_secret(row.question, text)
        elif text or row.question.kind == "several":
            self.wizard.draft_store.draft.type(key, text)
            self.wizard.draft_store.draft.choose(key, text, row.label_of(text))
        else:
            self.wizard.draft_store.draft.forget(key)
        self.wizard.draft_store.changed()
        shown = [row for row in self.rows if row.display]
        self.show_answers()
        if [row for row in self.rows if row.display] != shown:
            self.fetch_all(again=False)  # for questions that have just appeared
        self.forget_lists(key)
        if key == "subscription.subscription" and row.question.accepts(text):
            self.fetch("regions")

    # -- navigation ----------------------------------------------------------------------------------------------

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Show the help of the focused question."""
        question = self._question_of(event.widget)
        if question is not None:
            self._explain_here()
            self._costs.ask(question)
            self.refresh_bindings()
            side = self.query_one("#side-help", Static)
            side.update(Content(f"{question.ask.label}\n\n{question.ask.help}\n\nAccepted: {question.accepted}"))

    def _explain_here(self) -> None:
        """Show the help of the question, or its error message if that does not fit below the field."""
        row = self._row_of(self.focused)
        if row is not None:
            wrong = row.note.startswith(glyph("question")) and cells(row.note) > row.size.width - LABEL_CELLS
            self.set_help(row.note if wrong else row.question.ask.help)

    def _row_of(self, widget: object) -> QuestionRow | None:
        node = getattr(widget, "parent", None)
        while node is not None and not isinstance(node, QuestionRow):
            node = node.parent
        return node

    def _question_of(self, widget: object) -> "Question | None":
        row = self._row_of(widget)
        return row.question if row else None

    def _focus_field(self, row: QuestionRow) -> None:
        """Focus a field immediately, so that it receives keys that were typed ahead."""
        field = row.field
        self.set_focus(field.input if isinstance(field, Picker) else field)

    def _next_unanswered(self) -> QuestionRow | None:
        """The first question that needs an answer and has none."""
        draft = self.wizard.draft_store.draft
        needed = {one.key for one in draft.problems(self.page_key) if draft.value(one.key) in (None, "", [])}
        return next((row for row in self.rows if row.question.key in needed), None)

    def discovered(self, row: QuestionRow) -> None:
        """Focus the next question that needs an answer if this one has the focus and was not touched."""
        following = self._next_unanswered()
        if following is not None and row.has_focus_within and not row.touched and self.app.screen is self:
            self._focus_field(following)

    @on(Choices.Accepted)
    @on(Picker.Accepted)
    @on(Input.Submitted)
    def _accepted(self) -> None:
        self.action_accept()

    def action_accept(self) -> None:
        """Go to the next field, or from the last one to the next page."""
        rows = [row for row in self.rows if row.display]
        here = next((i for i, row in enumerate(rows) if row.has_focus_within), len(rows) - 1)
        if not rows[here].touched:
            rows[here].touched = True  # a required answer that is empty is marked when the field is left
            self.show_answers()
        if here + 1 < len(rows):
            self._focus_field(rows[here + 1])
        else:
            self.action_next()

    def action_next(self) -> None:
        """Go to the next page; missing answers are marked and can be given later."""
        page_keys = self.wizard.page_keys
        self.wizard.show_page(page_keys[page_keys.index(self.page_key) + 1])

    def action_to_review(self) -> None:
        """Go to the review: the defaults of the pages between are listed there, and each is one key away."""
        self.wizard.show_page("review")

    def action_back(self) -> None:
        """Go to the previous page; answers are kept."""
        page_keys = self.wizard.page_keys
        index = page_keys.index(self.page_key)
        if index:
            self.wizard.show_page(page_keys[index - 1])

    def action_reload(self) -> None:
        """Fetch the lists of the page again, and a price list that could not be read."""
        super().action_reload()
        self._costs.ask(self.focused_question, again=True)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A proposal can be taken where there is one."""
        if action == "take_proposal":
            question = self.focused_question
            return question is not None and question.key == BUDGET and self._costs.proposal is not None
        return super().check_action(action, parameters)

    def action_take_proposal(self) -> None:
        """Answer the focused question with the proposed value."""
        row = self._row_of(self.focused)
        if row is not None and self._costs.proposal is not None:
            row.put(str(self._costs.proposal))
            self._take(field_id(row.question.key), str(self._costs.proposal), by_hand=True)

    @property
    def focused_question(self) -> "Question | None":
        """The focused question."""
        return self._question_of(self.focused)

    def action_explain(self) -> None:
        """Open the full help of the focused question."""
        row = self._row_of(self.focused)
        if row is not None:
            question = row.question
            wrong = f"{glyph('question')} {row.problem}\n\n" if row.problem else ""
            example = f"\n\nFor example: {question.ask.example}" if question.ask.example else ""
            text = f"{wrong}{question.ask.help}\n\nAccepted: {question.accepted}.{example}"
            self.app.push_screen(HelpDialog(question.ask.label, text))
