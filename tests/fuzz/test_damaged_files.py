"""Two thousand damaged files: no traceback, no exit code 1, and a message about the damage."""

import random
from pathlib import Path
from typing import Final

import pytest

from installer.runs.state_directory import StateDirectory
from installer.support_bundle import archive, contents
from installer.support_bundle.redaction import Redaction
from tests.fuzz import readers
from tests.support_bundle.sample_run import made_run

BATCH: Final = 100


def chances(kind: str, batch: int) -> list[random.Random]:
    """A source of accidents for every file of a batch; the same in every run of the tests."""
    return [random.Random(f"{kind} {batch} {number}") for number in range(BATCH)]  # noqa: S311  accidents, not secrets


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run's directory, to be damaged in copies."""
    return made_run(tmp_path_factory.mktemp("made") / "runs")


@pytest.fixture(scope="module")
def bundle(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its support bundle."""
    path = tmp_path_factory.mktemp("bundle") / "b.zip"
    entries = contents.entries(contents.read(made), Redaction(), None)
    archive.write(path, [archive.manifest("contoso-1", entries, [], pseudonymised=False), *entries])
    return path


@pytest.mark.parametrize("batch", range(6))
def test_answers_files(batch: int) -> None:
    told = [readers.answers(chance) for chance in chances("answers", batch)]
    assert sum(1 for text in told if text) > BATCH / 3


@pytest.mark.parametrize("batch", range(5))
def test_journals(batch: int, made: Path, tmp_path: Path) -> None:
    state = StateDirectory.at(str(tmp_path))
    told = [readers.journal(chance, made, state) for chance in chances("journal", batch)]
    assert sum(1 for text in told if text.strip()) > BATCH / 3


@pytest.mark.parametrize("batch", range(5))
def test_errors_of_azure(batch: int, tmp_path: Path) -> None:
    for chance in chances("refusal", batch):
        readers.refusal(chance, tmp_path)


@pytest.mark.parametrize("batch", range(4))
def test_bundles_and_events(batch: int, bundle: Path, tmp_path: Path) -> None:
    told = [readers.recording(chance, bundle, tmp_path) for chance in chances("recording", batch)]
    assert sum(1 for text in told if text) > BATCH / 3
