"""One place per question: what is declared once is enough for forms, prompts, files, reviews and templates."""

import pytest

from installer.answers.draft import Draft
from installer.answers.model import ENVIRONMENTS, PAGES, Answers
from installer.answers.questions import Question, all_questions, questions_of
from installer.conventions.sizing import PRESETS

QUESTIONS = all_questions()
EVERY_QUESTION = pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)


def test_every_field_of_the_model_is_a_question_and_nothing_else_is() -> None:
    fields = {f"{page}.{name}" for page, model in PAGES.items() for name in model.model_fields}
    assert set(QUESTIONS) == fields
    assert {"kind", "version", *PAGES} == set(Answers.model_fields)
    assert [q.key for page in PAGES for q in questions_of(page)] == list(QUESTIONS)


@EVERY_QUESTION
def test_a_question_can_be_asked_from_its_declaration_alone(question: Question) -> None:
    assert question.ask.label
    assert len(question.ask.label) <= 19  # the forms have 20 columns for it at 80, with a blank behind it
    assert not question.ask.label.endswith((".", ":", "?"))
    assert question.ask.help.endswith(".")
    assert question.ask.help.isprintable()
    assert question.allowed != "text"


@EVERY_QUESTION
def test_the_options_of_a_choice_are_the_values_of_its_type(question: Question) -> None:
    if question.ask.options:
        assert list(question.ask.options) == [str(value) for value in question.values]
    elif question.kind == "several":
        assert not question.values


@EVERY_QUESTION
def test_defaults_and_examples_are_answers(question: Question) -> None:
    if question.default is not None:
        assert question.accepts(question.default)
    if question.ask.example:
        assert question.accepts(question.parse(question.ask.example))


@EVERY_QUESTION
def test_a_value_survives_being_written_and_read(question: Question) -> None:
    values = [question.default, *question.values, question.ask.example or None, question.minimum, question.maximum]
    for value in values:
        if value is not None and question.accepts(value):
            assert question.parse(question.text(value)) == value


def test_labels_are_different_so_that_they_are_not_mixed_up() -> None:
    shared = [question.ask.label for question in QUESTIONS.values() if question.page not in ENVIRONMENTS]
    assert len(set(shared)) == len(shared)
    own = [question.ask.label for question in questions_of("prod")]
    assert len(set(own)) == len(own)


def test_a_template_parameter_is_filled_by_one_question() -> None:
    names = [question.ask.bicep for question in QUESTIONS.values() if question.ask.bicep]
    assert len(set(names)) == len(names)


def test_the_page_headings_are_one_sentence_or_two() -> None:
    for model in PAGES.values():
        assert model.__doc__
        assert "\n" not in model.__doc__


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("platform.private_api", " Yes ", True),
        ("platform.private_api", "off", False),
        ("platform.private_api", "maybe", "maybe"),
        ("sizing.worker_nodes", " 7", 7),
        ("sizing.worker_nodes", "-7", -7),
        ("sizing.worker_nodes", "--7", "--7"),
        ("sizing.worker_nodes", "7.0", "7.0"),
        ("sizing.worker_nodes", "\u0667", "\u0667"),
        ("sizing.postgres_storage_gb", "64", 64),
        ("subscription.environments", "dev, prod", ["dev", "prod"]),
        ("subscription.environments", " ", []),
        ("subscription.region", " swedencentral ", "swedencentral"),
        ("network.egress", "firewall", "firewall"),
    ],
)
def test_what_is_typed_becomes_a_value(key: str, text: str, value: object) -> None:
    parsed = QUESTIONS[key].parse(text)
    assert parsed == value
    assert type(parsed) is type(value)


def test_a_number_of_thousands_of_digits_is_refused_like_any_other() -> None:
    question = QUESTIONS["sizing.worker_nodes"]
    value = question.parse("9" * 5000)
    assert not question.accepts(value)
    assert len(question.refusal(value)) < 200


def test_values_are_shown_in_words() -> None:
    assert QUESTIONS["platform.runtime"].shown("aks") == "Azure Kubernetes Service"
    assert QUESTIONS["platform.private_api"].shown(value=True) == "yes"
    assert QUESTIONS["subscription.environments"].shown(["dev", "prod"]) == "dev, prod"
    assert QUESTIONS["sizing.worker_nodes"].shown(3) == "3"
    assert QUESTIONS["subscription.tenant"].shown(None) == ""
    assert QUESTIONS["platform.runtime"].shown("no such thing") == "no such thing"


def test_a_secret_is_never_shown_in_a_refusal() -> None:
    for question in QUESTIONS.values():
        if question.ask.secret:
            assert question.kind == "secret"
            assert "hunter2" not in question.refusal("hunter2")
            assert "env:NAME" in question.refusal("hunter2")


def test_the_default_preset_agrees_with_the_defaults_of_its_numbers() -> None:
    default = QUESTIONS["sizing.preset"].default
    assert {QUESTIONS[f"sizing.{name}"].default == value for name, value in PRESETS["team"].items()} == {True}
    assert default == "team"
    assert Draft().view()["sizing.worker_nodes"] == PRESETS["team"]["worker_nodes"]
