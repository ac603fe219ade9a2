"""The command upgrade: a plan first, carried out only when it was confirmed, continued by the same command."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest

from installer.cli.commands import upgrade as command
from installer.cli.commands.upgrade import Wanted
from installer.engine.journal import Journal
from installer.errors import UsageError
from installer.jsontypes import Json
from installer.runs.run import Run
from tests.operations.doctor.in_this_process import InThisProcess
from tests.operations.status.observed_estate import Seen
from tests.operations.upgrade.old_cluster import has_version

ALL = Wanted("", "", 60.0)


class Operating(InThisProcess):
    """A session that records the operations which it is asked for."""

    operations: list[Json]

    def operate(self, name: str, build: Any, operation: Json) -> Run:  # noqa: ARG002  as the session
        """Record the operation as the journal does, without its steps."""
        self.operations.append(operation)
        with Journal(self.state.run(name), write=True) as journal:
            journal.set_facts(operation=operation)
        run: Run = MagicMock(spec=Run)  # follow_to_end is replaced
        return run


@pytest.fixture
def operating(dev: Seen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Operating]:
    """An installation with Kubernetes 1.35, whose run has succeeded."""
    from installer.answers.draft import Draft

    found = Operating(tmp_path / "state", dev)
    found.operations = []

    @contextmanager
    def opened(_settings: object) -> Iterator[Operating]:
        yield found

    monkeypatch.setattr(command, "opened", opened)
    found.begin(dev.answers, Draft.of(dev.answers), attended=False).wait()
    found.end_run()
    has_version(dev, "1.35.0")
    yield found
    found.close()


def test_without_a_confirmation_only_the_plan_is_shown(
    operating: Operating, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.upgrade({}, "kubernetes", ALL, None, yes=False) == 0
    shown = capsys.readouterr()
    assert "control plane 1.35.0 → 1.36.0" in shown.out
    assert "nothing was changed; --yes carries out the plan" in shown.err
    assert operating.operations == []


def test_a_plan_is_one_object_of_json(operating: Operating, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.upgrade({"output": "json"}, "kubernetes", ALL, None, yes=False) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["kind"], found["schema"], found["run"], found["what"]) == ("upgrade", 1, "contoso-1", "kubernetes")
    assert [one["after"] for one in found["changes"]] == ["1.36.0"] * 3
    assert found["back"]
    assert found["not_checked"]
    assert operating.operations == []


def test_what_blocks_ends_before_anything_is_sent(operating: Operating, capsys: pytest.CaptureFixture[str]) -> None:
    has_version(operating.seen, "1.31.0")
    assert command.upgrade({}, "kubernetes", ALL, None, yes=True) == 3
    assert "has left support" in " ".join(capsys.readouterr().out.split())
    assert operating.operations == []


def test_an_interrupted_upgrade_is_continued_by_the_same_command_and_by_no_other(
    operating: Operating, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "follow_to_end", lambda _settings, _run: 130)
    monkeypatch.setattr(command, "_left", lambda *_: iter(()))
    wanted = Wanted("dev", "1.36", 60.0)
    assert command.upgrade({}, "kubernetes", wanted, None, yes=True) == 130
    for other in (ALL, Wanted("dev", "1.35", 60.0)):
        with pytest.raises(UsageError, match=r"upgrade kubernetes --env dev --to 1\.36 continues it"):
            command.upgrade({}, "kubernetes", other, None, yes=True)
    has_version(operating.seen, "1.36.0")  # as Azure has continued
    assert command.upgrade({}, "kubernetes", wanted, None, yes=True) == 130
    first, second = operating.operations
    assert first == second
    assert isinstance(first, dict)
    assert first["command"] == "upgrade kubernetes --env dev --to 1.36 --run contoso-1 --yes"


def test_without_an_argument_it_shows_what_is_behind(operating: Operating, capsys: pytest.CaptureFixture[str]) -> None:
    before = operating.seen.contents()
    has_version(operating.seen, "1.33.0")
    assert command.upgrade({"output": "json"}, "", ALL, None, yes=False) == 0
    found = json.loads(capsys.readouterr().out)
    lines = {line["key"]: line for question in found["questions"] for line in question["lines"]}
    assert lines["versions/aks-ff-contoso-dev"]["state"] == "attention"
    assert lines["versions/aks-ff-contoso-dev"]["resolutions"][0]["command"].endswith("upgrade kubernetes --env dev")
    assert lines["templates/same"]["state"] == "ok"
    assert not [key for key in lines if key.startswith("templates/") and lines[key]["state"] == "attention"]
    has_version(operating.seen, "1.35.0")
    assert operating.seen.contents() == before


def test_an_unknown_part_is_refused(operating: Operating) -> None:
    with pytest.raises(UsageError, match="upgrade everything: accepted: kubernetes, prefect, images, templates"):
        command.upgrade({}, "everything", ALL, None, yes=True)
    assert operating.operations == []
