"""The open question of a run: its whole text, to be read, copied and saved, and a field whose content is checked first."""

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from installer.engine.answer_forms import refusal_of
from screens.base.frame import MIN_COLUMNS
from screens.base.glyphs import glyph, hanging, one_line
from screens.base.states import style_of

if TYPE_CHECKING:
    from installer.engine.events import Event

MAX_QUESTION_CHARACTERS = 20_000


def question_text(question: "Event") -> str:
    """The whole text with its line breaks, and the choices."""
    choices = question.data.get("choices")
    offered = f" ({', '.join(map(str, choices))})" if isinstance(choices, list) and choices else ""
    lines = question.text[:MAX_QUESTION_CHARACTERS].split("\n")
    return "\n".join(one_line(line) for line in lines) + one_line(offered)


class QuestionText(VerticalScroll, can_focus=True):
    """The text, which scrolls; its keys copy it and save it, for a mail to an administrator."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "screen.copy_question", "copy"),
        Binding("s", "screen.save_question", "save"),
        Binding("tab,enter", "screen.focus_answer", "answer", key_display="Tab"),
        Binding("f1", "screen.show_question", "whole text"),
    ]


class AnswerField(Input):
    """The field for the answer."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "answer", key_display="Enter"),
        Binding("tab", "screen.focus_question", "copy or save the text", key_display="Tab"),
        Binding("f1", "screen.show_question", "whole text"),
    ]


class QuestionPane(Vertical):
    """Question, field, and the reason why an answer is not accepted."""

    class Answered(Message):
        """Posted with an answer that has the form that the question declares."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, *, id: str) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id)
        self.question: Event | None = None
        self._answerable = True

    def compose(self) -> ComposeResult:
        """Text, field, reason."""
        with QuestionText(id="question-text"):
            yield Static(id="question-words", markup=False)
        with Horizontal(id="answer-row"):
            yield Static("Answer ", id="answer-label", markup=False)
            yield AnswerField(id="question-answer", compact=True)
        yield Static(id="question-problem", markup=False)

    @property
    def field(self) -> AnswerField:
        """The field for the answer."""
        return self.query_one(AnswerField)

    @property
    def text(self) -> QuestionText:
        """The text of the question."""
        return self.query_one(QuestionText)

    def show(self, question: "Event | None", *, answerable: bool) -> None:
        """Show a question, or none. A question that is asked again keeps what was typed."""
        again = question is not None and self.question is not None and question.data == self.question.data
        self.question = question
        self.display = question is not None
        self._answerable = answerable
        self._refuse("")
        if question is None:
            return
        words = question_text(question)
        self._draw()
        self.text.scroll_home(animate=False)
        self.query_one("#answer-row").display = self.field.display = answerable
        if answerable and not again:
            self.field.value = str(question.data.get("default") or "")
        self.focus_first(long="\n" in words or not answerable)

    def on_resize(self) -> None:
        """Wrap the text for the new width."""
        self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        """Draw the text, each line with its rest hanging below it; what is copied and saved has its own line breaks."""
        if self.question is not None:
            sign = Content.styled(f"{glyph('question')} ", f"bold {style_of('question')}")
            room = self.text.scrollable_content_region.width or MIN_COLUMNS
            words = hanging(f"  {question_text(self.question)}", room).removeprefix("  ")
            self.query_one("#question-words", Static).update(sign + Content(words))

    def focus_first(self, *, long: bool) -> None:
        """Focus the text if it has to be read first, else the field."""
        self.screen.set_focus(self.text if long else self.field)

    @on(Input.Changed)
    def _typed(self) -> None:
        self._refuse("")

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        """Check the answer before it is taken; a refused one stays in the field."""
        event.stop()
        if self.question is None:
            return
        if refused := refusal_of(event.value, self.question):
            self._refuse(refused)
        else:
            self.post_message(self.Answered(event.value))

    def _refuse(self, problem: str) -> None:
        note = self.query_one("#question-problem", Static)
        note.display = bool(problem)
        note.update(Content.styled(f"{glyph('failed')} {problem}", style_of("failed")) if problem else "")
