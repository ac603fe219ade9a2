"""Runs with changed answers on an installation that others have changed, as the installer makes them.

Either the comparison with the former answers refuses the change before anything is sent, or the stages whose parameters
changed are deployed on an embedded Azure that refuses what Azure refuses.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import pytest

from installer.answers.model import Answers
from installer.emulator.deployments import resources
from installer.emulator.providers.immutable import kept
from installer.emulator.state.resources import Resource
from installer.estate.changes import compare
from installer.json_access import JsonObject
from installer.steps.changed_answers import existing
from tests.emulator.deployments.changes_by_others import ByOthers, change, lost
from tests.emulator.deployments.deployed_estate import DeployedEstate, new_estate
from tests.emulator.in_memory import run

Outcome = Literal["refused", "deployed"]


@dataclass(frozen=True)
class Installed:
    """An installation that was deployed twice, with changes of others between."""

    answers: Answers
    estate: DeployedEstate
    by_others: tuple[ByOthers, ...]

    def run_with(self, answers: Answers) -> Outcome:
        """The outcome of a run with other answers; AssertionError for an error of Azure, or a setting that was lost."""
        if existing(self.estate.reader, compare(self.answers, answers), self.estate.outputs).blocked:
            return "refused"
        with TemporaryDirectory() as folder, _nothing_ignored() as ignored:
            copied = self.estate.copy(Path(folder), answers)
            try:
                run(copied.deploy(answers, all_stages=False))
                assert lost(copied, self.by_others) == []
                assert ignored == []
            finally:
                copied.azure.database.close()
        return "deployed"


def installed(path: Path, answers: Answers) -> Installed:
    """Deploy an installation twice; AssertionError if the second run fails or removes a setting of others."""
    path.mkdir(exist_ok=True)
    estate = new_estate(path, answers)

    async def twice() -> tuple[ByOthers, ...]:
        await estate.deploy(answers, all_stages=True)
        by_others = await change(estate, answers)
        await estate.deploy(answers, all_stages=True)
        return by_others

    by_others = run(twice())
    assert lost(estate, by_others) == []
    return Installed(answers, estate, by_others)


@contextmanager
def _nothing_ignored() -> Iterator[list[str]]:
    """Resources of whose requests Azure ignores a part."""
    found: list[str] = []

    def watched(requested: Resource, before: Resource | None) -> JsonObject:
        result = kept(requested, before)
        if result != requested.desired:
            found.append(requested.id)
        return result

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(resources, "kept", watched)
        yield found
