"""One question on a page: label, field, and the line below that says what is known or why it is not accepted."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Label, Static

from screens.base.glyphs import one_line, sign
from screens.wizard.choices import Boxes, Choices, Option
from screens.wizard.picker import Entry, Picker

if TYPE_CHECKING:
    from installer.answers.draft import Draft
    from installer.answers.questions import Question

LONGEST_NOTE = 400


def field_id(key: str) -> str:
    """Identifier of the field of a question."""
    return "field-" + key.replace(".", "-").replace("_", "-")


class QuestionRow(Vertical):
    """A question with its field. It shows what the draft says; the page gives the draft what is typed.

    `kept`: a secret was typed here before. `told`: the text of the line below the field, in full.
    """

    def __init__(self, question: "Question", draft: "Draft", *, kept: bool) -> None:
        super().__init__(classes="question", id=f"row-{field_id(question.key)}")
        self.question = question
        self.draft = draft
        self.kept = kept
        self.touched = False
        self.told = ""
        self.fact = ""

    def compose(self) -> ComposeResult:
        """Label, field and note."""
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
        return Input(text, id=name, compact=True, password=question.kind == "secret")

    @property
    def field(self) -> Widget:
        """The field."""
        return self.query_one(f"#{field_id(self.question.key)}")

    def offer(self, entries: Sequence[Entry]) -> None:
        """What a picker can offer."""
        if isinstance(self.field, Picker):
            self.field.offer(entries)

    @property
    def shown_text(self) -> str:
        """What stands in the field when nobody types: the draft's value; nothing of a secret that was typed."""
        return "" if self.kept else self.question.text(self.draft.value(self.question.key))

    def put(self, text: str) -> None:
        """Set the field, which nobody is to take for typing."""
        field = self.field
        with self.prevent(Input.Changed):
            if isinstance(field, Input):
                field.value = text
            elif isinstance(field, Picker):
                field.put(text)
            elif isinstance(field, Choices):
                field.put(text.split())

    def refill(self, *, kept: bool) -> None:
        """Show the value that the draft holds, if the user is not typing here; `kept`: a secret was typed."""
        field, self.kept = self.field, kept
        if isinstance(field, Input) and self.question.kind == "secret":
            field.placeholder = "typed and kept; type to replace it" if kept else ""
        if not (field.has_focus or field.has_focus_within):
            self.put(self.shown_text)

    def show_note(self, problem: str | None, fact: str) -> None:
        """The line below: the reason of a refusal, else what is known."""
        note = self.query_one(".note", Static)
        bad = problem is not None and (self.touched or self.draft.value(self.question.key) not in (None, "", []))
        note.set_class(bad, "-bad")
        text = f"{sign('question')} {problem}" if bad else self._hint(fact)
        if text != self.told:
            self.told = text
            note.update(Content(one_line(text[:LONGEST_NOTE])), layout=False)

    def _hint(self, fact: str) -> str:
        key = self.question.key
        value, source = self.draft.value(key), self.draft.source(key)
        label = self.field.label_of(str(value)) if isinstance(self.field, Picker) else ""
        parts = [label, fact, self.fact, self.question.ask.unit]
        if value in (None, "", []):
            return f" {sign('dot')} ".join(part for part in parts if part) or self._wanted
        return f" {sign('dot')} ".join(part for part in (*parts, "" if source == "given" else source) if part)

    @property
    def _wanted(self) -> str:
        """What an empty field waits for, and whether it may stay empty."""
        known = len(self.field.entries) if isinstance(self.field, Picker) else 0
        what = f"{known} to choose from" if known else self.question.allowed
        return f"may stay empty {sign('dot')} {what}" if self.question.ask.optional else what


def _short(question: "Question", value: str) -> str:
    """What a choice is called in the form: several are called by their own short names."""
    if question.kind == "several":
        return value
    return question.ask.options.get(value) or value
