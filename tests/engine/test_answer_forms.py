"""Answers to questions of a run: each form refuses what is wrong with words for what is right, in every client alike."""

import pytest

from installer.engine.answer_forms import normalized, refusal, refusal_of
from installer.engine.events import Event
from installer.engine.runner import Result, run
from installer.engine.step import Context, Outputs, Question, Stop
from installer.engine.stream import Stream
from installer.errors import InstallerError
from tests.engine.scripted_steps import Scripted
from tests.steps.step_context import StepMemory

CLIENT = "11112222-bbbb-3333-cccc-4444dddd5555"
DIGEST = f"sha256:{'0123456789abcdef' * 4}"


@pytest.mark.parametrize(
    ("form", "answer"),
    [("id", CLIENT), ("id", f" {CLIENT.upper()}\n"), ("digest", DIGEST), ("digest", DIGEST.upper()), ("text", "x")],
)
def test_a_right_answer_is_accepted(form: str, answer: str) -> None:
    assert refusal(answer, form) == ""


@pytest.mark.parametrize(
    "answer", ["abc", "", " ", CLIENT[:-1], f"{CLIENT}0", f"{{{CLIENT}}}", "<client-id>", f"x {CLIENT}"]
)
def test_a_wrong_id_is_refused_with_the_form_of_a_right_one(answer: str) -> None:
    assert refusal(answer, "id").endswith("expected: an ID of the form 00000000-0000-0000-0000-000000000000")


@pytest.mark.parametrize("answer", ["latest", "", DIGEST[7:], f"{DIGEST}0", f"web@{DIGEST}", "sha256:xyz"])
def test_a_wrong_digest_is_refused_with_the_form_of_a_right_one(answer: str) -> None:
    assert refusal(answer, "digest").endswith("expected: sha256: and 64 hexadecimal digits")


@pytest.mark.parametrize(
    ("answer", "accepted"), [("yes", True), (" YES ", True), ("y", False), ("", False), ("maybe", False)]
)
def test_only_a_choice_is_accepted(answer: str, accepted: bool) -> None:
    found = refusal(answer, "choice", ("yes", "no"))
    assert (found == "") is accepted
    assert accepted or found.endswith("expected: one of yes, no")


def test_an_empty_text_is_refused_and_a_long_one_is_shortened_in_the_reason() -> None:
    assert refusal("", "text") == "nothing is not accepted; expected: a text that is not empty"
    assert len(refusal("x" * 5000, "id")) < 150


def test_a_form_of_a_newer_version_accepts_any_text() -> None:
    assert refusal("anything", "a form of later") == ""


@pytest.mark.parametrize("data", [{}, {"form": 3}, {"choices": "yes"}, {"choices": [1, None], "form": None}])
def test_the_question_of_another_version_can_be_answered(data: dict[str, object]) -> None:
    question = Event(1, "2026-11-24T14:00:00Z", "question", data=data)  # type: ignore[arg-type]
    assert refusal_of("1", question) == ""


def test_free_text_keeps_its_case() -> None:
    assert (normalized(" AbC ", "text"), normalized(" AbC ", "id")) == ("AbC", "abc")


def test_a_question_without_a_form_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="does not declare how its answer is checked"):
        Question("where", "Where?")


def _asked(*answers: str | None) -> tuple[Result, list[Event]]:
    """A run whose step asks for a client id, and gets these answers one after the other."""
    replies, events = iter(answers), list[Event]()
    stream = Stream()
    stream.listen(events.append)

    def does(context: Context) -> Outputs:
        return {"id": context.ask(Question("client", "Which client?\nof the app", form="id"))}

    def bug(error: BaseException) -> InstallerError:
        raise error

    def answering(question: Question, stop: Stop) -> str | None:
        return next(replies)

    found = run(
        [Scripted("a", does=does)],
        stream=stream,
        memory=StepMemory(),
        stop=Stop(),
        answering=answering,
        explain_bug=bug,
    )
    return found, events


def test_a_wrong_answer_is_not_taken_and_the_question_stays_open() -> None:
    result, events = _asked("abc", f" {CLIENT.upper()} ")
    assert result.outputs == {"a": {"id": CLIENT}}
    assert [event.kind for event in events if event.kind in ("question", "answer", "warning")] == [
        "question",
        "warning",
        "question",
        "answer",
    ]
    assert {event.data["form"] for event in events if event.kind == "question"} == {"id"}


def test_a_wrong_answer_without_a_person_waits_and_names_what_would_be_right() -> None:
    result, _events = _asked("abc", None)
    assert result.state == "waiting"
    first, second = str(result.failures["a"]).splitlines()[:2]
    assert first == '"abc" is not accepted; expected: an ID of the form 00000000-0000-0000-0000-000000000000'
    assert second == "question client: Which client?"
