"""Whatever is in a file, it is accepted or refused with located problems: nothing else ever happens."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from installer.answers.draft import Draft
from installer.answers.files import dump, parse
from installer.answers.questions import all_questions
from installer.errors import InvalidAnswers
from tests.answers.answers_files import FILES

TEXTS = [path.read_text(encoding="utf-8") for path in FILES]
KEYS = st.sampled_from(sorted(all_questions()))
PIECES = st.one_of(
    st.sampled_from(
        ["&a ", "*a", "!!x ", "? ", ": ", "- ", "\t", "{", "}", "[", "]", "'", '"', "|\n", ">\n", "#", "\\"]
    ),
    st.sampled_from(["---\n", "...\n", "%YAML 1.1\n", "<<: ", '"\\UFFFFFFFF"', "0x", "1e999", "null", "~"]),
    st.sampled_from(["\r", "\x00", "\x1b[31m", "\u2028", "\ufeff", "\u202e", "\x85"]),
    st.text(max_size=8),
)
Change = Callable[[str], str]


@st.composite
def changes(draw: st.DrawFn) -> Change:
    """A change of a text: something put in, taken out, doubled or moved."""
    where, length = draw(st.floats(0, 1)), draw(st.integers(0, 30))
    piece = draw(PIECES)
    what = draw(st.sampled_from(["insert", "delete", "replace", "double", "swap lines", "value"]))

    def change(text: str) -> str:
        at = int(where * len(text))
        inside = text[at : at + length]
        if what == "swap lines":
            lines = text.splitlines(keepends=True)
            middle = int(where * len(lines))
            return "".join(lines[middle:] + lines[:middle])
        if what == "value":
            line_end = text.find("\n", at)
            colon = text.rfind(":", 0, line_end) if line_end >= 0 else -1
            return f"{text[: colon + 1]} {piece}{text[line_end:]}" if colon >= 0 else text
        put = {"insert": piece + inside, "delete": "", "replace": piece, "double": inside * 2}[what]
        return text[:at] + put + text[at + length :]

    return change


def check(raw: bytes) -> None:
    try:
        loaded = parse(raw, "f.yaml")
    except InvalidAnswers as refused:
        located(refused)
    else:
        again = parse(dump(loaded.draft).encode(), "again.yaml")
        assert again.answers == loaded.answers


def located(refused: InvalidAnswers) -> None:
    """Every problem has a place and a text that can be printed, and they are in the order of the file."""
    assert refused.problems
    for problem in refused.problems:
        assert problem.line >= 1
        assert problem.message
        assert problem.located("f.yaml").isprintable()
        assert len(problem.located("f.yaml")) < 600
    places = [(problem.line, problem.column) for problem in refused.problems]
    assert places == sorted(places)


@settings(max_examples=250, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(text=st.sampled_from(TEXTS), mutations=st.lists(changes(), min_size=1, max_size=4))
def test_a_mutated_file_is_accepted_or_refused(text: str, mutations: list[Change]) -> None:
    for change in mutations:
        text = change(text)
    check(text.encode("utf-8", "surrogatepass"))


@settings(max_examples=150, derandomize=True, deadline=None, database=None)
@given(raw=st.binary(max_size=200))
@example(raw=b"\xff\xfe")
@example(raw=b"%")
def test_arbitrary_bytes_are_refused(raw: bytes) -> None:
    check(raw)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


@settings(max_examples=200, derandomize=True, deadline=None, database=None)
@given(given_answers=st.dictionaries(KEYS, VALUES, max_size=8))
def test_a_draft_takes_any_value_and_says_what_is_wrong(given_answers: dict[str, object]) -> None:
    draft = Draft()
    for key, value in given_answers.items():
        problem = draft.give(key, value)
        assert problem is None or problem.key == key
        kept = all_questions()[key].ask.current(value)  # the display name of a region is taken for its name
        assert draft.given()[key].value is kept or draft.given()[key].value == kept
    problems = draft.problems()
    assert len({problem.key for problem in problems}) == len(problems)
    if problems:
        with pytest.raises(InvalidAnswers) as caught:
            draft.answers()
        assert list(caught.value.problems) == problems
    else:
        draft.answers()
    dump(draft)


@settings(max_examples=200, derandomize=True, deadline=None, database=None)
@given(
    key=KEYS, text=st.text(max_size=30) | st.sampled_from(["-", "--5", "9" * 5000, "-0", "+1", "1_0", "٣", "yes", ""])
)
def test_whatever_is_typed_has_a_value_or_a_reason(key: str, text: str) -> None:
    question = all_questions()[key]
    value = question.parse(text)
    if question.accepts(value):
        assert question.parse(question.text(value)) == value
    else:
        assert question.allowed in question.refusal(value)
    assert isinstance(question.shown(value), str)
