"""Characters that are not shown are refused where they came from: the key, the line and the character are named."""

from typing import Final

import pytest

from installer.answers.draft import Draft
from installer.answers.files import parse
from installer.answers.questions import all_questions
from installer.engine.answer_forms import refusal
from installer.errors import InvalidAnswers
from tests.answers.answers_files import FILES

DEV: Final = next(path for path in FILES if path.name == "dev.yaml").read_text(encoding="utf-8")
HIDDEN: Final = {
    "\x00": "U+0000",
    "\x1b": "U+001B",
    "\x7f": "U+007F",
    "\u202e": "U+202E",
    "\u2066": "U+2066",
    "\u200b": "U+200B",
}


@pytest.mark.parametrize("character", HIDDEN)
@pytest.mark.parametrize(
    "key", [key for key, one in all_questions().items() if one.kind in ("text", "several") and not one.values]
)
def test_no_answer_has_one(key: str, character: str) -> None:
    question = all_questions()[key]
    value = [f"a{character}b"] if question.kind == "several" else f"a{character}b"
    assert not question.accepts(value)
    said = question.refusal(value)
    assert f"hidden character {HIDDEN[character]}" in said
    assert said.isprintable()
    problem = Draft().give(key, value)
    assert problem is None or problem.key == key


@pytest.mark.parametrize("character", ["\\0", "\\e", "\\u202e", "\\u2066", "\\x7f", "\\n"])
@pytest.mark.parametrize(
    "lines",
    [
        'governance:\n  tags: ["owner=@x"]',
        'governance:\n  tags: ["ow@ner=x"]',
        'network:\n  address_space: "10.0.0.0/16@"',
    ],
)
def test_a_file_with_one_is_refused_at_its_line(lines: str, character: str) -> None:
    page = lines.partition(":")[0]
    kept, skipping = list[str](), False
    for line in DEV.splitlines():
        skipping = (line.startswith(f"{page}:")) or (skipping and (line.startswith((" ", "#")) or not line))
        if not skipping:
            kept.append(line)
    text = "\n".join([*kept, lines.replace("@", character), ""])
    with pytest.raises(InvalidAnswers) as refused:
        parse(text.encode(), "answers.yaml")
    found = [one for one in refused.value.problems if "hidden character" in one.message]
    assert [(one.key.partition(".")[0], text.splitlines()[one.line - 1].strip()[:5]) for one in found] == [
        (page, lines.splitlines()[1].strip()[:5])
    ]
    assert all(line.isprintable() for line in str(refused.value).splitlines())


@pytest.mark.parametrize("character", HIDDEN)
@pytest.mark.parametrize("form", ["text", "id", "digest", "choice"])
def test_an_answer_in_the_middle_of_a_run_has_none(form: str, character: str) -> None:
    choices = ("yes", "no") if form == "choice" else ()
    assert HIDDEN[character] in refusal(f"y{character}es", form, choices)
