"""The open question of a run on its page: asked, answered, copied, saved; and announced, as is the end of the run."""

from typing import TYPE_CHECKING, Final

from textual import on

from screens.base.background import in_background
from screens.base.dialogs import TEXT_CELLS, HelpDialog
from screens.base.glyphs import hanging
from screens.run.question_pane import QuestionPane, question_text
from screens.run.retry import RetryPage, ShownRun
from screens.run.rows import Rows

if TYPE_CHECKING:
    from installer.engine.events import Event


PAGE_ACTIONS: Final = frozenset({"filter", "timeline", "retry", "change_answer", "copy_id", "open_portal"})


class QuestionPage(RetryPage):
    """A page with the question of a run."""

    answerable = True

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While the question has the focus, its keys are the ones that count: the footer has no room for more."""
        if action in PAGE_ACTIONS and self.is_mounted and self.query_one(QuestionPane).has_focus_within:
            return False
        return super().check_action(action, parameters)

    def __init__(self, run: ShownRun) -> None:
        super().__init__(run)
        self._asked: Event | None = None
        self._announced = ""

    def ask(self) -> None:
        """Show the open question of the run with a field for the answer."""
        question = self.progress.question if self.progress.state == "running" else None
        if question is self._asked:
            return
        self._asked = question
        self.set_class(question is not None, "-asking")
        self.query_one(QuestionPane).show(question, answerable=self.answerable)
        if question is None:
            self.set_focus(self.query_one(Rows))

    @on(QuestionPane.Answered)
    def _answered(self, event: QuestionPane.Answered) -> None:
        self.set_focus(self.query_one(Rows))
        in_background(self, lambda: self.run.answer(event.text), lambda _nothing: None, self.show_error)

    def action_focus_question(self) -> None:
        """Focus the text of the question, whose keys copy and save it."""
        self.set_focus(self.query_one(QuestionPane).text)

    def action_focus_answer(self) -> None:
        """Focus the field for the answer."""
        if self.answerable:
            self.set_focus(self.query_one(QuestionPane).field)

    def action_show_question(self) -> None:
        """Show the whole text of the question in a dialog."""
        if self._asked is not None:
            self.app.push_screen(HelpDialog("The run needs an answer", hanging(question_text(self._asked), TEXT_CELLS)))

    def action_copy_question(self) -> None:
        """Copy the text of the question to the clipboard of the terminal."""
        if self._asked is not None:
            self.app.copy_to_clipboard(question_text(self._asked))
            self.flash("The question is in the clipboard, if your terminal allows it; s saves it to a file")

    def action_save_question(self) -> None:
        """Save the text of the question to a new file in the working directory."""
        from screens.run.export import save_new

        if self._asked is None:
            return
        text, key = question_text(self._asked), str(self._asked.data.get("key", ""))
        in_background(
            self,
            lambda: save_new(f"flowforge-question-{key}", ".txt", f"{text}\n"),
            lambda path: self.flash(f"Question saved to {path}"),
            self.show_error,
        )

    def announce(self) -> None:
        """Announce that the run needs the user or has ended, once each."""
        result = self.run.result
        need = (self._asked.text.splitlines() or [""])[-1] if self._asked is not None and self.answerable else ""
        news = f"run {self.run.name} {result.state}" if result is not None else f"needs you: {need}" if need else ""
        if news != self._announced:
            self._announced = news
            if news:
                self.shell.announce(news)
