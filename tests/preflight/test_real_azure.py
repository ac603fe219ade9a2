"""Every entry of "What real Azure would refuse" is found before the first write, refused in the answers, or mended for good."""

import re
from collections.abc import Iterable

import pytest

from installer.answers.files import parse
from installer.preflight.checks import CHECKS
from tests.architecture.import_graph import ROOT
from tests.preflight.real_azure import ENTRIES, FOUND, MENDED, REFUSED, START


def _places() -> Iterable[tuple[str, str]]:
    """File and name of every test that the tables name."""
    yield from ((file, name) for rows in FOUND.values() for _, _, file, name in rows)
    yield from ((file, name) for _, file, name in MENDED.values())


def test_every_entry_is_in_a_table() -> None:
    assert {*FOUND, *REFUSED, *MENDED} == set(range(1, ENTRIES + 1))


def test_what_no_check_finds_has_its_reason() -> None:
    assert not set(MENDED) & {*FOUND, *REFUSED}
    assert all(len(reason.split()) > 4 for reason, _, _ in MENDED.values())


@pytest.mark.parametrize(("file", "name"), sorted(set(_places())))
def test_the_tests_that_show_it_exist(file: str, name: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    assert re.search(rf"^(async )?def {name}\(", text, re.MULTILINE)


@pytest.mark.parametrize("number", FOUND)
def test_the_check_and_its_code_exist(number: int) -> None:
    keys = {check.key for check in CHECKS}
    folders = (ROOT / "installer" / "preflight", ROOT / "installer" / "immutable_properties.json")
    files = [file for place in folders for file in ([place] if place.is_file() else place.rglob("*.py"))]
    known = "\n".join(file.read_text(encoding="utf-8") for file in files)
    for check, code, _, _ in FOUND[number]:
        assert check in keys
        assert f'"{code}"' in known or not code


@pytest.mark.parametrize("number", REFUSED)
def test_such_answers_are_refused(number: int) -> None:
    given, named = REFUSED[number]
    draft = parse(START.encode(), "f").draft
    assert draft.problems() == []
    for key, value in given.items():
        draft.give(key, value)
    assert named in {problem.key for problem in draft.problems()}
