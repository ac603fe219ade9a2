"""Types answers with real key presses, field by field, as a user would."""

from textual.pilot import Pilot

from installer.answers.draft import Draft
from installer.answers.questions import Question
from screens.wizard.choices import Choices
from screens.wizard.page import Page
from tests.screens.fake_session import frame, keys, press, settled, type_ahead


def here(pilot: Pilot[int]) -> Question:
    """The focused question."""
    page = frame(pilot)
    assert isinstance(page, Page)
    question = page.focused_question
    assert question is not None
    return question


async def give(pilot: Pilot[int], question: Question, value: object) -> None:
    """Answer the focused question."""
    field = pilot.app.focused
    if isinstance(field, Choices):
        wanted = {str(item) for item in value} if isinstance(value, list) else {question.text(value)}
        if field.several:
            await _mark(pilot, field, wanted)
        else:
            await _choose(pilot, field, next(iter(wanted)))
    else:
        await keys(pilot, "ctrl+u", "ctrl+k")
        await type_ahead(pilot, question.text(value))
    await settled(pilot)


async def _choose(pilot: Pilot[int], field: Choices, value: str) -> None:
    if value in field.chosen:
        await press(pilot, "space")  # to choose it explicitly
    while value not in field.chosen:
        await press(pilot, "right")


async def _mark(pilot: Pilot[int], field: Choices, wanted: set[str]) -> None:
    touched = False
    for option in field.options:
        if (option.value in wanted) != (option.value in field.chosen):
            await press(pilot, "space")
            touched = True
        await press(pilot, "right")
    if not touched:
        await press(pilot, "space", "space")


async def to_first(pilot: Pilot[int]) -> None:
    """Go to the first question of the page: a new page opens at the first that needs an answer."""
    page = frame(pilot)
    assert isinstance(page, Page)
    first = next(row.question.key for row in page.rows if row.display)
    while here(pilot).key != first:
        await press(pilot, "shift+tab")


async def fill(pilot: Pilot[int], answers: Draft) -> None:
    """Type all answers of a draft, page by page, with Enter from field to field."""
    given = answers.given()
    while frame(pilot).page_key != "review":
        page_key = frame(pilot).page_key
        await to_first(pilot)
        while frame(pilot).page_key == page_key:
            question = here(pilot)
            if question.key in given:
                await give(pilot, question, given[question.key].value)
            await press(pilot, "escape", "enter")
        await settled(pilot)
