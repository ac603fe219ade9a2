"""A page of questions, generated from the model: the same for all of them, with a drawing where one helps."""

from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.events import DescendantFocus
from textual.message import Message
from textual.widgets import Input, Static

from screens.drawings import drawing_of
from screens.frame import PAGE_TITLES, Frame
from screens.question import QuestionRow, field_id
from screens.widgets.choices import Choices
from screens.widgets.picker import Entry, Picker
from screens.windows import HelpWindow

if TYPE_CHECKING:
    from installer.answers.questions import Question

ORDER = tuple(PAGE_TITLES)


class Page(Frame):
    """One page."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "accept", "next field", show=False),
        Binding("ctrl+n", "next", "next"),
        Binding("ctrl+b", "back", "back"),
        Binding("ctrl+r", "reload", "reload lists", show=False),
        Binding("f1", "explain", "help"),
        Binding("ctrl+s", "app.save", "save"),
    ]

    class Fetched(Message):
        """A list has arrived, or why it did not."""

        def __init__(self, source: str, entries: tuple[Entry, ...], error: str) -> None:
            super().__init__()
            self.source = source
            self.entries = entries
            self.error = error

    def __init__(self, place: str, focus: str = "") -> None:
        super().__init__()
        self.place = place
        self._focus = focus

    # -- drawing it ----------------------------------------------------------------------------------------------

    def body(self) -> ComposeResult:
        """A row for every question of the page, also for those that do not apply at the moment."""
        from installer.answers.questions import questions_of

        with VerticalScroll(id="form", can_focus=False):
            for question in questions_of(self.place):
                yield QuestionRow(question, self.wizard.draft)
                if drawing_of(question.key):
                    yield Static(classes="drawing", id=f"drawing-{field_id(question.key)}", markup=False)

    def side(self) -> ComposeResult:
        """The whole help of the question under the cursor."""
        yield Static(id="side-help", markup=False)

    def on_mount(self) -> None:
        """Begin with the question that was asked for, or the first."""
        self.wizard.seen_pages.add(self.place)
        self._show()
        rows = {row.question.key: row for row in self._rows()}
        wanted = rows.get(self._focus) or next(iter(rows.values()))
        self._focus_field(wanted)
        self.action_reload()

    def _rows(self) -> list[QuestionRow]:
        return list(self.query(QuestionRow))

    def _row(self, key: str) -> QuestionRow:
        return self.query_one(f"#row-{field_id(key)}", QuestionRow)

    def _show(self) -> None:
        """Bring everything on the page in line with the draft."""
        draft = self.wizard.draft
        applies = {question.key for question in draft.questions(self.place)}
        problems = {problem.key: problem.message for problem in draft.problems()}
        for row in self._rows():
            row.display = row.question.key in applies
            row.refill()
            row.show_note(problems.get(row.question.key))
            draw = drawing_of(row.question.key)
            if draw:
                self.query_one(f"#drawing-{field_id(row.question.key)}", Static).update(
                    Content(draw(draft.view(), max(self.query_one("#body").content_size.width - 4, 70)))
                )
        self.wizard.count_problems(problems)
        self.refresh_frame()

    # -- answers -------------------------------------------------------------------------------------------------

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self._take(event.input.id, event.value)

    @on(Choices.Changed)
    def _chosen(self, event: Choices.Changed) -> None:
        self._take(event.choices.id, event.text)

    @on(Picker.Changed)
    def _picked(self, event: Picker.Changed) -> None:
        self._take(event.picker.id, event.text)

    def _take(self, name: str | None, text: str) -> None:
        row = next((row for row in self._rows() if field_id(row.question.key) == name), None)
        if row is None:
            return
        key = row.question.key
        if text == row.question.text(self.wizard.draft.value(key)):
            return  # a field that was filled in from the draft: nobody has typed
        row.touched = True
        if row.question.kind == "secret":
            self.wizard.take_secret(row.question, text)
        elif text or row.question.kind == "several":
            self.wizard.draft.type(key, text)
        else:
            self.wizard.draft.forget(key)
        self.wizard.keep_draft()
        self._show()
        if key == "subscription.subscription" and row.question.accepts(text):
            self._fetch("regions")

    # -- lists that only Azure knows -----------------------------------------------------------------------------

    def action_reload(self) -> None:
        """Fetch the lists of the page."""
        for source in dict.fromkeys(row.question.ask.source for row in self._rows() if row.question.ask.source):
            self._fetch(source)

    @work(thread=True, exit_on_error=False)
    def _fetch(self, source: str) -> None:
        from installer.errors import InstallerError

        self.app.call_from_thread(self._fact, source, "asking Azure …")
        try:
            found = self.wizard.session.choices(source, self.wizard.draft)
        except InstallerError as error:
            text = str(error).splitlines()[0]
            self.post_message(
                self.Fetched(source, (), f"could not be fetched ({text}); Ctrl+R tries again, or type it")
            )
        else:
            entries = tuple(Entry(c.value, c.label, c.fact, c.usable) for c in found)
            self.post_message(self.Fetched(source, entries, ""))

    def _fact(self, source: str, text: str) -> None:
        for row in self._rows():
            if row.question.ask.source == source:
                row.fact = text
        self._show()

    def on_page_fetched(self, event: Fetched) -> None:
        """Offer what has arrived; the only possible answer is given at once."""
        for row in self._rows():
            if row.question.ask.source == event.source:
                row.fact = event.error
                row.offer(event.entries)
                usable = [entry for entry in event.entries if entry.usable]
                if len(usable) == 1 and self.wizard.draft.value(row.question.key) in (None, ""):
                    self.wizard.draft.give(row.question.key, usable[0].value, "discovered")
        self.wizard.note_labels(event.source, {entry.value: entry.label for entry in event.entries})
        self._show()

    # -- moving about --------------------------------------------------------------------------------------------

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Say what the question under the cursor decides."""
        question = self._question_of(event.widget)
        if question is not None:
            self.say(question.ask.help)
            side = self.query_one("#side-help", Static)
            side.update(Content(f"{question.ask.label}\n\n{question.ask.help}\n\nAccepted: {question.allowed}"))

    def _question_of(self, widget: object) -> "Question | None":
        node = getattr(widget, "parent", None)
        while node is not None and not isinstance(node, QuestionRow):
            node = node.parent
        return node.question if isinstance(node, QuestionRow) else None

    @staticmethod
    def _focus_field(row: QuestionRow) -> None:
        field = row.field
        (field.input if isinstance(field, Picker) else field).focus()

    @on(Choices.Accepted)
    @on(Picker.Accepted)
    @on(Input.Submitted)
    def _accepted(self) -> None:
        self.action_accept()

    def action_accept(self) -> None:
        """On to the next field, or from the last one to the next page."""
        rows = [row for row in self._rows() if row.display]
        here = next((i for i, row in enumerate(rows) if row.has_focus_within), len(rows) - 1)
        if here + 1 < len(rows):
            self._focus_field(rows[here + 1])
        else:
            self.action_next()

    def action_next(self) -> None:
        """The next page; what is missing here is marked and can wait."""
        self.wizard.show_place(ORDER[ORDER.index(self.place) + 1])

    def action_back(self) -> None:
        """The page before; nothing is lost."""
        index = ORDER.index(self.place)
        if index:
            self.wizard.show_place(ORDER[index - 1])

    def action_explain(self) -> None:
        """The whole help of the question under the cursor."""
        question = self._question_of(self.focused)
        if question is not None:
            example = f"\n\nFor example: {question.ask.example}" if question.ask.example else ""
            text = f"{question.ask.help}\n\nAccepted: {question.allowed}.{example}"
            self.app.push_screen(HelpWindow(question.ask.label, text))
