"""One question on a page: label, field, and the line below that says what is known or why it is not accepted."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Label, Static

from screens.signs import sign
from screens.widgets.choices import Choices, Option
from screens.widgets.picker import Entry, Picker

if TYPE_CHECKING:
    from installer.answers.draft import Draft
    from installer.answers.questions import Question


def field_id(key: str) -> str:
    """Identifier of the field of a question."""
    return "field-" + key.replace(".", "-").replace("_", "-")


class QuestionRow(Vertical):
    """A question with its field. It shows what the draft says; the page gives the draft what is typed."""

    def __init__(self, question: "Question", draft: "Draft") -> None:
        super().__init__(classes="question", id=f"row-{field_id(question.key)}")
        self.question = question
        self.draft = draft
        self.touched = False
        self.fact = ""

    def compose(self) -> ComposeResult:
        """Label, field and note."""
        with Horizontal():
            yield Label(Content(self.question.ask.label), classes="label")
            yield self._field()
        yield Static(classes="note", markup=False)

    def _field(self) -> Widget:
        question, value = self.question, self.draft.value(self.question.key)
        name, text = field_id(question.key), question.text(value)
        if question.ask.source:
            return Picker(text, id=name)
        if question.kind in ("choice", "several"):
            options = [Option(str(v), _short(question, str(v))) for v in question.values]
            return Choices(options, text.split(), several=question.kind == "several", id=name)
        if question.kind == "yesno":
            return Choices([Option("yes", "yes"), Option("no", "no")], [text], several=False, id=name)
        return Input(text, id=name, compact=True, password=question.kind == "secret")

    @property
    def field(self) -> Widget:
        """The field."""
        return self.query_one(f"#{field_id(self.question.key)}")

    def offer(self, entries: Sequence[Entry]) -> None:
        """What a picker can offer."""
        if isinstance(self.field, Picker):
            self.field.offer(entries)

    def refill(self) -> None:
        """Show the value that the draft holds, if the user is not typing here."""
        text = self.question.text(self.draft.value(self.question.key))
        field = self.field
        if field.has_focus or field.has_focus_within:
            return
        with self.prevent(Input.Changed):
            if isinstance(field, Input) and field.value != text and self.question.kind != "secret":
                field.value = text
            elif isinstance(field, Picker) and field.text != text:
                field.input.value = text
            elif isinstance(field, Choices):
                field.chosen = frozenset(text.split())

    def show_note(self, problem: str | None) -> None:
        """The line below: the reason of a refusal, else what is known."""
        note = self.query_one(".note", Static)
        bad = problem is not None and (self.touched or self.draft.value(self.question.key) not in (None, "", []))
        note.set_class(bad, "-bad")
        note.update(Content(f"{sign('question')} {problem}" if bad else self._hint()))

    def _hint(self) -> str:
        key = self.question.key
        value, source = self.draft.value(key), self.draft.source(key)
        label = self.field.label_of(str(value)) if isinstance(self.field, Picker) else ""
        known = label or self.fact
        if value in (None, "", []):
            return known or self.question.allowed
        origin = "" if source == "given" else source
        return " · ".join(part for part in (known, origin) if part)


def _short(question: "Question", value: str) -> str:
    """What a choice is called in the form: several are called by their own short names."""
    if question.kind == "several":
        return value
    return question.ask.options.get(value) or value
