"""One question on a page: label, field, and a note below with a fact or the reason why the answer is invalid."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Label, Static

from screens.base.glyphs import glyph, one_line
from screens.wizard.choices import Boxes, Choices, Option
from screens.wizard.pasted_input import PastedInput
from screens.wizard.picker import Entry, Picker

if TYPE_CHECKING:
    from installer.answers.draft import Draft
    from installer.answers.questions import Question

MAX_NOTE_LENGTH = 400


def field_id(key: str) -> str:
    """Widget id of the field of a question."""
    return "field-" + key.replace(".", "-").replace("_", "-")


class QuestionRow(Vertical):
    """A question with its field. It shows the value in the draft; the page stores typed text in the draft.

    Attributes:
        kept: whether a secret was typed here before.
        touched: whether the user has changed the field, or has left it once.
        problem: why the answer is not accepted, "" if it is or if nothing was answered yet.
        note: full text of the line below the field.
        fact: text about the question's list in that line.

    """

    def __init__(self, question: "Question", draft: "Draft", *, kept: bool) -> None:
        super().__init__(classes="question", id=f"row-{field_id(question.key)}")
        self.question = question
        self.draft = draft
        self.kept = kept
        self.touched = False
        self.problem = ""
        self.note = ""
        self.fact = ""

    def compose(self) -> ComposeResult:
        """Create label, field and note."""
        with Horizontal():
            yield Label(Content(self.question.ask.label), classes="label")
            yield self._field()
        yield Static(classes="note", markup=False)

    def _field(self) -> Widget:
        question = self.question
        name, text = field_id(question.key), self.shown_text
        if question.ask.source:
            return Picker(text, id=name)
        if question.values:
            options = [Option(str(v), _short(question, str(v))) for v in question.values]
            return (Boxes if question.kind == "several" else Choices)(options, text.split(), id=name)
        if question.kind == "yesno":
            return Choices([Option("yes", "yes"), Option("no", "no")], [text], id=name)
        return PastedInput(text, id=name, compact=True, password=question.kind == "secret")

    @property
    def field(self) -> Widget:
        """The field."""
        return self.query_one(f"#{field_id(self.question.key)}")

    def offer(self, entries: Sequence[Entry]) -> None:
        """Set the entries of a picker."""
        if isinstance(self.field, Picker):
            self.field.offer(entries)

    @property
    def shown_text(self) -> str:
        """Text of the field for the value in the draft; empty for a typed secret."""
        return "" if self.kept else self.question.text(self.draft.value(self.question.key))

    def put(self, text: str) -> None:
        """Set the field without posting a message."""
        field = self.field
        with self.prevent(Input.Changed):
            if isinstance(field, Input):
                field.value = text
            elif isinstance(field, Picker):
                field.put(text)
            elif isinstance(field, Choices):
                field.put(text.split())

    def refill(self, *, kept: bool) -> None:
        """Show the value in the draft, unless the user is typing here; `kept`: a secret was typed."""
        field, self.kept = self.field, kept
        if isinstance(field, Input) and self.question.kind == "secret":
            field.placeholder = "already entered; type to replace it" if kept else ""
        if not (field.has_focus or field.has_focus_within):
            self.put(self.shown_text)

    def show_note(self, problem: str | None, fact: str) -> None:
        """Update the line below the field: the problem with the answer, or else a fact."""
        note = self.query_one(".note", Static)
        bad = problem is not None and (self.touched or self.draft.value(self.question.key) not in (None, "", []))
        note.set_class(bad, "-bad")
        self.problem = problem if bad and problem is not None else ""
        text = f"{glyph('question')} {problem}" if bad else self._hint(fact)
        if text != self.note:
            self.note = text
            note.update(Content(one_line(text[:MAX_NOTE_LENGTH])), layout=False)

    def label_of(self, value: str) -> str:
        """Display name of a value in the list of the field, "" without one."""
        return self.field.label_of(value) if isinstance(self.field, Picker) else ""

    def _hint(self, fact: str) -> str:
        key = self.question.key
        value, source = self.draft.value(key), self.draft.source(key)
        label = self.label_of(str(value))
        parts = [label, fact, self.fact, self.question.ask.unit]
        if value in (None, "", []):
            return f" {glyph('dot')} ".join(part for part in parts if part) or self._empty_hint
        return f" {glyph('dot')} ".join(part for part in (*parts, "" if source == "given" else source) if part)

    @property
    def _empty_hint(self) -> str:
        """Accepted values of an empty field, and whether it is optional."""
        known = len(self.field.entries) if isinstance(self.field, Picker) else 0
        accepted = f"{known} to choose from" if known else self.question.accepted
        return f"{'optional' if self.question.ask.optional else 'required'} {glyph('dot')} {accepted}"


def _short(question: "Question", value: str) -> str:
    """Label of a choice in the form; check boxes use the short value."""
    if question.kind == "several":
        return value
    return question.ask.options.get(value) or value
