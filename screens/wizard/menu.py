"""Commands of the wizard in the menu (Ctrl+P): its pages, its questions, and what starts them over."""

from collections.abc import Iterator
from functools import cache, partial
from typing import TYPE_CHECKING

from textual.app import SystemCommand

from installer.answers.questions import all_questions
from screens.base.frame import PAGE_TITLES

if TYPE_CHECKING:
    from installer.answers.questions import Question
    from screens.wizard.shell import WizardShell


def wizard_commands(wizard: "WizardShell") -> Iterator[SystemCommand]:
    """Every page, the questions on it that apply, and new answers."""
    for number, page_key in enumerate(wizard.page_keys, 1):
        yield SystemCommand(
            f"{number:>2} {PAGE_TITLES[page_key]}", "Go to this page", partial(wizard.show_page, page_key)
        )
        for question in wizard.draft_store.draft.questions(page_key):
            yield SystemCommand(_title(question), question.ask.help, partial(wizard.show_page, page_key, question.key))
    yield SystemCommand("New installation", "Start over; the answers so far are kept aside", wizard.start_over)
    yield SystemCommand("Answers kept aside", "Exchange these answers for those kept aside last", wizard.take_back)


@cache
def words_by_title() -> dict[str, str]:
    """Key, help, accepted values and choices of each question by the title of its command."""
    found: dict[str, str] = {}
    for key, question in all_questions().items():
        ask = question.ask
        words = (
            key,
            ask.help,
            ask.allowed,
            ask.example,
            *map(str, question.values),
            *ask.options,
            *ask.options.values(),
        )
        found[_title(question)] = " ".join(words)
    return found


def _title(question: "Question") -> str:
    return f"{PAGE_TITLES[question.page]}: {question.ask.label}"
