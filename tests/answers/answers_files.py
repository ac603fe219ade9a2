"""Answers files for the tests of this folder, and the problems of an invalid file."""

from pathlib import Path
from typing import Final

import pytest

from installer.answers.files import parse
from installer.errors import InvalidAnswers, Problem

FOLDER: Final = Path(__file__).parent
FILES: Final = sorted([*FOLDER.glob("*.yaml"), *FOLDER.glob("matrix/*.yaml")])
FEW_FILES: Final = [path for path in FILES if path.parent == FOLDER]
FEW: Final = pytest.mark.parametrize("path", FEW_FILES, ids=lambda path: path.stem)
"""For tests that take long; between them these files have the usual kinds of installation."""
EVERY_FILE: Final = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)

TENANT: Final = "7a1d1b7e-3c5f-4c62-9f0e-5a8c0f6f2d10"
SUBSCRIPTION: Final = "4f2c8a5e-1b39-4d0c-8c55-0d2f6a7791ab"
CLIENT: Final = "b1946ac9-2d5f-4f0e-8a57-6f3f8d1c7e22"

LEAST: Final = f"""\
kind: flowforge-answers
version: 1
subscription:
  tenant: {TENANT}
  subscription: {SUBSCRIPTION}
  region: swedencentral
  prefix: contoso
"""
"""The smallest file that is accepted: seven lines."""


def refused(text: str | bytes) -> tuple[Problem, ...]:
    """The problems for which a file is refused."""
    raw = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(InvalidAnswers) as caught:
        parse(raw, "f.yaml")
    return caught.value.problems


def only(text: str | bytes) -> Problem:
    """The only problem for which a file is refused."""
    (problem,) = refused(text)
    return problem


def line_of(text: str, words: str) -> int:
    """The number of the line, from 1, that contains the words."""
    return next(number for number, line in enumerate(text.splitlines(), 1) if words in line)
