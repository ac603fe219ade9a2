"""Dialog that changes one answer of a run that has ended without success: find the answer, type the new value."""

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from installer.answers.draft import Draft
from installer.answers.questions import Question
from installer.errors import UsageError
from installer.runs.revision import FIXED
from screens.base.frame import PAGE_TITLES
from screens.base.glyphs import fit, glyph, one_line
from screens.base.states import style_of

Change = tuple[str, str]
"""Key of an answer and its new value as typed; a dialog that is closed has none."""
LABEL_CELLS, VALUE_CELLS = 22, 28


class FindField(Input):
    """The field that filters the list; its arrows move in the list."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "screen.move(1)", show=False),
        Binding("up", "screen.move(-1)", show=False),
        Binding("enter", "screen.choose", show=False),
    ]


class ChangeAnswerDialog(ModalScreen[Change | None]):
    """Returns the key and the new value, None when it is closed.

    Args:
        draft: the answers of the run.
        check: raises UsageError for a change that the run cannot make.

    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "close", "close")]

    def __init__(self, draft: Draft, check: Callable[[dict[str, str]], object]) -> None:
        super().__init__()
        self._draft = draft
        self._check = check
        pages = dict.fromkeys(question.page for question in _questions(draft))
        self._all = [question for page in pages for question in draft.questions(page) if question.key not in FIXED]
        self._chosen: Question | None = None

    def compose(self) -> ComposeResult:
        """Two fields, of which the second appears for a chosen answer."""
        with Vertical():
            yield Static(Content.styled("Change an answer", "bold"))
            yield Static("", id="change-hint", markup=False)
            yield FindField(id="change-find", compact=True, placeholder="words of the question, or its key")
            yield OptionList(id="change-list", markup=False)
            yield OptionList(id="change-options", compact=True, markup=False)
            yield Input(id="change-value", compact=True)
            yield Static("", id="change-problem", markup=False)

    def on_mount(self) -> None:
        """Offer every answer."""
        self.query_one("#change-list", OptionList).can_focus = False
        self.query_one("#change-value").display = self.query_one("#change-options").display = False
        self._hint(
            "↑↓ and Enter choose the answer. What it touches is planned and deployed again; the rest stays as it is."
        )
        self._offer("")
        self.set_focus(self.query_one("#change-find"))

    def _hint(self, text: str) -> None:
        self.query_one("#change-hint", Static).update(Content.styled(text, "$text-muted"))

    def _shown(self, question: Question) -> str:
        return one_line(question.shown(self._draft.value(question.key)))

    def _offer(self, words: str) -> None:
        found = self.query_one("#change-list", OptionList)
        found.clear_options()
        wanted = words.lower().split()
        for question in sorted(self._all, key=lambda one: not _contains(f"{one.ask.label} {one.key}", wanted)):
            if _contains(f"{question.ask.label} {question.key} {question.ask.help}", wanted):
                label, value = fit(question.ask.label, LABEL_CELLS), fit(self._shown(question), VALUE_CELLS)
                found.add_option(Option(Content(f"{label} {value} {PAGE_TITLES[question.page]}"), id=question.key))
        found.highlighted = 0 if found.option_count else None

    @on(Input.Changed, "#change-find")
    def _filter(self, event: Input.Changed) -> None:
        self._offer(event.value)

    @on(Input.Changed, "#change-value")
    def _typed(self) -> None:
        self._refuse("")

    def action_move(self, by: int) -> None:
        """Move the cursor of the list."""
        found = self.query_one("#change-list", OptionList)
        if found.highlighted is not None:
            found.highlighted = max(0, min(found.highlighted + by, found.option_count - 1))

    def action_choose(self) -> None:
        """Take the answer under the cursor of the list."""
        found = self.query_one("#change-list", OptionList)
        if found.highlighted is not None:
            self._choose(str(found.get_option_at_index(found.highlighted).id))

    @on(OptionList.OptionSelected, "#change-list")
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        self._choose(str(event.option.id))

    def _choose(self, key: str) -> None:
        """Show the field for the new value."""
        chosen = self._chosen = next(question for question in self._all if question.key == key)
        self.query_one("#change-find").display = self.query_one("#change-list").display = False
        self._hint(f"{chosen.ask.label} ({key}): {one_line(chosen.ask.help)}\nAllowed: {one_line(chosen.allowed)}")
        offered = _offered(chosen)
        present = chosen.text(self._draft.value(key))
        if offered:
            self._hint(f"{chosen.ask.label} ({key}): {one_line(chosen.ask.help)}\n↑↓ and Enter choose.")
            found = self.query_one("#change-options", OptionList)
            found.add_options(Option(Content(label), id=value) for value, label in offered.items())
            found.display = True
            found.highlighted = list(offered).index(present) if present in offered else 0
            self.set_focus(found)
            return
        field = self.query_one("#change-value", Input)
        field.display = True
        field.value = present
        self.set_focus(field)

    @on(OptionList.OptionSelected, "#change-options")
    def _picked(self, event: OptionList.OptionSelected) -> None:
        self._take(str(event.option.id))

    @on(Input.Submitted, "#change-value")
    def _submitted(self, event: Input.Submitted) -> None:
        """Check the change with all other answers; a refused one stays in the field."""
        self._take(event.value.strip())

    def _take(self, text: str) -> None:
        if self._chosen is None:
            return
        key = self._chosen.key
        if text == self._chosen.text(self._draft.value(key)):
            self._refuse("this is the answer of the run; give another one")
            return
        try:
            self._check({key: text})
        except UsageError as error:
            self._refuse(one_line(str(error)))
        else:
            self.dismiss((key, text))

    def _refuse(self, problem: str) -> None:
        words = Content.styled(f"{glyph('failed')} {problem}", style_of("failed")) if problem else Content("")
        self.query_one("#change-problem", Static).update(words)

    def action_close(self) -> None:
        """Close without a change."""
        self.dismiss(None)


def _offered(question: Question) -> dict[str, str]:
    """Options of a question with a fixed list, as they are typed and as they are shown; empty for any other question."""
    if question.kind == "yesno":
        return {"yes": "yes", "no": "no"}
    if question.kind != "choice":
        return {}
    return {str(value): question.ask.options.get(str(value)) or str(value) for value in question.values}


def _contains(text: str, words: list[str]) -> bool:
    return all(word in text.lower() for word in words)


def _questions(draft: Draft) -> list[Question]:
    from installer.answers.questions import all_questions

    return [question for question in all_questions().values() if question.ask.applies(draft.view())]
