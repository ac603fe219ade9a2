"""The session of the commands that back up and restore."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typing_extensions import override

from installer.answers.draft import Draft
from installer.cli.commands import recovery_run
from installer.engine.step import Context
from installer.operations.recovery import backup_steps, writing
from installer.operations.removal import deletion
from installer.runs.run import Run
from installer.steps import polling
from installer.steps.value_record import ValueRecord
from tests.cloud.no_cloud import RECORDED
from tests.operations.conftest import Copy
from tests.operations.doctor.in_this_process import InThisProcess
from tests.operations.recovery.recoveries import MovingService

if TYPE_CHECKING:
    from installer.jsontypes import Json
    from installer.runs.facts import RunFacts


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "MIN_SECONDS", 0.001)
    monkeypatch.setattr(deletion, "POLL_SECONDS", 0.0)
    for module in (writing, backup_steps):
        monkeypatch.setattr(module, "POLL_SECONDS", 0.0)
        monkeypatch.setattr(module, "LIMIT_SECONDS", 1.0)


class RecoveringSession(InThisProcess):
    """A session whose runs beside the installation are in the process of the test, too."""

    @override
    def _run_beside(
        self,
        facts: "RunFacts",
        directory: Path | None,
        *,
        attended: bool,
        flows: bool = False,
    ) -> Run:
        place = directory or self.state.new_run(facts.answers.subscription.prefix)
        return Run.new(place, facts.answers, facts.draft, RECORDED, self.secrets, attended=attended)


@pytest.fixture
def commands(
    copy_of: Copy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[RecoveringSession, MovingService]]:
    """An installation, two days old, whose run has succeeded; records of proofs are in `proofs` of the session."""
    seen = copy_of("dev")
    moving = MovingService(seen.estate.azure)
    moving.on_loop(seen.estate.azure.clock.advance(2 * 86_400.0))
    monkeypatch.setattr("time.time", seen.estate.azure.clock.now)
    former, seen.arm.__dict__["service"] = seen.arm.service, moving  # the arm closes it
    found = RecoveringSession(tmp_path / "state", seen)

    @contextmanager
    def opened(_settings: object) -> Iterator[InThisProcess]:
        yield found
        found.end_run()

    def write(self: object, _context: Context, values: "dict[str, Json]", _digest: str) -> None:
        proofs.append(values)

    proofs: list[dict[str, Json]] = []
    monkeypatch.setattr(ValueRecord, "write", write)
    monkeypatch.setattr(ValueRecord, "settled", lambda _self, _context: None)
    monkeypatch.setattr(recovery_run, "opened", opened)
    found.begin(seen.answers, Draft.of(seen.answers), attended=False).wait()
    found.end_run()
    found.__dict__["proofs"] = proofs
    yield found, moving
    found.close()
    former.close()
