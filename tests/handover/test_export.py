"""`export --parameters` fills in what a run in Azure has recorded, and nothing of a rehearsal."""

import json
from pathlib import Path
from typing import Final

import pytest

from installer.answers.draft import Draft
from installer.answers.files import load
from installer.cli.commands.answers_file import export
from installer.engine.journal import Journal
from installer.engine.step import Record
from installer.errors import UsageError
from installer.estate import keys
from installer.estate.parameters import PLACEHOLDER_OUTPUTS, stages
from installer.handover.export import export_parameters
from installer.handover.own_directory import LIST
from installer.jsontypes import Json
from installer.runs.run import Run
from installer.secret_store import Secrets
from tests.bicep.answers_variants import answers
from tests.cloud.no_cloud import RECORDED

GIVEN: Final = answers(
    "dev", platform={"runtime": "container_apps"}, sign_on={"method": "secretless", "registration": "new"}
)
REHEARSAL: Final[dict[str, Json]] = {"kind": "rehearsal", "state": "x", "speed": 30.0}


def _run(directory: Path, target: dict[str, Json], *done: str) -> Path:
    """A run whose steps with these keys are done."""
    run = Run.new(directory, GIVEN, Draft.of(GIVEN), target, Secrets(), attended=False)
    for key in done:
        run.journal.remember(Record(key, 1, "done", outputs=dict(PLACEHOLDER_OUTPUTS.get(key, {}))))
    run.journal.close()
    return directory


def _exported(run: Path, directory: Path) -> str:
    with Journal(run, write=False) as journal:
        export_parameters(journal, directory)
    return (directory / "README.md").read_text(encoding="utf-8")


def test_a_rehearsal_leaves_every_value_to_a_variable(tmp_path: Path) -> None:
    text = _exported(_run(tmp_path / "run-1", REHEARSAL, keys.FOUNDATION), tmp_path / "out")
    assert "export FLOWFORGE_DEV_WEB_PRINCIPAL_ID=" in text
    assert "export FLOWFORGE_DEV_DEFAULT_DOMAIN=" in text
    assert "applications(uniqueName='flowforge-contoso-dev')" in text
    assert "run-1" not in text


def test_a_run_in_azure_fills_in_what_it_has_recorded(tmp_path: Path) -> None:
    text = _exported(_run(tmp_path / "run-1", RECORDED, keys.FOUNDATION), tmp_path / "out")
    assert "PRINCIPAL_ID" not in text
    assert "export FLOWFORGE_DEV_DEFAULT_DOMAIN=" in text
    assert "those of the run run-1" in text
    (grants,) = (tmp_path / "out").glob("*-grants.parameters.json")
    (environment,) = json.loads(grants.read_text(encoding="utf-8"))["parameters"]["environments"]["value"]
    assert "00000000-0000-0000-0000-000000001010" in environment["imagePullers"]


def test_a_complete_run_leaves_only_secrets(tmp_path: Path) -> None:
    done = [spec.key for spec in stages(GIVEN)] + [
        keys.app_registration("dev"),
        keys.image("prefect"),
        keys.image("web"),
    ]
    _exported(_run(tmp_path / "run-1", RECORDED, *done), tmp_path / "out")
    read = {
        line.split("'")[1]
        for path in (tmp_path / "out").glob("*.bicepparam")
        for line in path.read_text(encoding="utf-8").splitlines()
        if "readEnvironmentVariable(" in line
    }
    assert read == {"FLOWFORGE_SECRET_PREFECT_AUTH"}


def test_the_answers_beside_the_files_repeat_the_run(tmp_path: Path) -> None:
    _exported(_run(tmp_path / "run-1", RECORDED), tmp_path / "out")
    assert load(tmp_path / "out" / "answers.yaml").answers == GIVEN
    listed = json.loads((tmp_path / "out" / LIST).read_text(encoding="utf-8"))["files"]
    present = {str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert listed.keys() | {LIST} == present


def test_other_options_of_export_do_not_combine_with_it(tmp_path: Path) -> None:
    _run(tmp_path / "runs" / "contoso-1", RECORDED)
    for out, explicit in ((tmp_path / "x.yaml", False), (None, True)):
        with pytest.raises(UsageError, match="leave out -o and --explicit"):
            export({"state_dir": str(tmp_path)}, "contoso-1", out, tmp_path / "out", explicit=explicit)
    assert not (tmp_path / "out").exists()
