"""Answers of the example files, which together cover every choice at least twice."""

from collections.abc import Mapping
from typing import Final

from installer.answers.files import load
from installer.answers.model import Answers
from tests.answers.answers_files import FILES

MATRIX: Final[Mapping[str, Answers]] = {path.stem: load(path).answers for path in FILES}
