"""The command group `flows` on the command line, without an installation."""

import json
from contextlib import closing
from pathlib import Path

import click.testing
import pytest
from click.testing import CliRunner

from installer.answers.files import load
from installer.cli.commands import flows as commands
from installer.cli.main import cli
from installer.engine.runner import Result
from installer.errors import InstallerError, InvalidAnswers, UsageError
from installer.flow_project.project import read_project
from installer.jsontypes import Json
from installer.runs.flows import FlowRequest
from installer.runs.run import RunFacts
from installer.runs.session import Session, TargetOptions
from installer.runs.state_directory import StateDirectory
from tests.flow_project.projects import files, folder

ANSWERS = Path(__file__).parents[1] / "answers" / "dev.yaml"


def call(tmp_path: Path, *words: str) -> click.testing.Result:
    return CliRunner().invoke(cli, ["--state-dir", str(tmp_path / "state"), *words])


def refusal(tmp_path: Path, *words: str) -> str:
    refused = call(tmp_path, *words).exception
    assert isinstance(refused, UsageError), refused
    return str(refused)


def test_the_example_is_written_once_and_is_a_project_for_every_environment(tmp_path: Path) -> None:
    where = tmp_path / "flows"
    written = call(tmp_path, "flows", "init", str(where))
    assert written.exit_code == 0, written.output
    assert f"flows deploy --env dev --source {where}" in written.output
    assert {one.name for one in where.iterdir()} == {"flowforge.yaml", "medallion.py", "prefect.yaml"}
    text = ANSWERS.read_text(encoding="utf-8").replace("environments: [dev]", "environments: [dev, qa, prod]")
    answers = tmp_path / "answers.yaml"
    answers.write_text(f"{text}\nflows:\n  source: {where}\n", encoding="utf-8")
    assert load(answers).answers.flows.source == str(where)
    assert "is not an empty folder" in refusal(tmp_path, "flows", "init", str(where))


def test_answers_with_wrong_flows_are_refused_with_every_problem_and_their_line(tmp_path: Path) -> None:
    wrong = folder(tmp_path / "flows", files("deployments:\n- {name: a, entrypoint: no.py:f}\n- {name: b}\n"))
    answers = tmp_path / "answers.yaml"
    answers.write_text(f"{ANSWERS.read_text(encoding='utf-8')}\nflows:\n  source: {wrong}\n", encoding="utf-8")
    refused = call(tmp_path, "validate", str(answers), "--output", "json")
    (problem,) = json.loads(refused.output)["problems"]
    assert (problem["key"], problem["line"] > 1) == ("flows.source", True)
    assert problem["message"].split("; ") == [
        'prefect.yaml: deployment 1 (a): entrypoint "no.py:f": the project has no such file',
        "prefect.yaml: deployment 2 (b): entrypoint is required, such as flows/ingest.py:ingest",
    ]
    with pytest.raises(InvalidAnswers):
        load(answers)


def test_what_is_missing_is_named_before_anything_starts(tmp_path: Path) -> None:
    assert "no installation exists yet" in refusal(tmp_path, "flows", "diff", "--env", "dev")
    assert "write it as FLOW/DEPLOYMENT" in refusal(tmp_path, "flows", "run", "medallion", "--env", "dev")
    assert "write it as KEY=VALUE" in refusal(tmp_path, "flows", "run", "a/b", "--env", "dev", "--param", "x")
    given = ("flows", "diff", "--env", "dev", "-f", str(ANSWERS))
    assert "answer flows.source, or name their folder or archive with --source" in refusal(tmp_path, *given)
    assert "a run or an answers file, not both" in refusal(tmp_path, *given, "run-1")
    unknown = ("flows", "list", "--env", "nope", "-f", str(ANSWERS))
    assert "--env nope: the environments are dev" in refusal(tmp_path, *unknown)
    assert "none does not exist; name a folder" in refusal(tmp_path, *given, "--source", str(tmp_path / "none"))
    wrong = folder(tmp_path / "wrong", {"prefect.yaml": "deployments: ["})
    assert "prefect.yaml line 1: not valid YAML" in refusal(tmp_path, *given, "--source", wrong)
    deploy, image = ("flows", "deploy", "--env", "prod"), f"registry.example.com/team/flows@sha256:{'0' * 64}"
    assert "name --from or --image, not both" in refusal(tmp_path, *deploy, "--from", "dev", "--image", image)
    tagged = "registry.example.com/team/flows:1"
    assert f"--image {tagged}: write it as registry/repository@sha256:digest" in refusal(
        tmp_path, *deploy, "--image", tagged
    )
    assert "Missing option '--env'" in call(tmp_path, "flows", "list").output


DIGEST = f"sha256:{'ab' * 32}"


@pytest.mark.parametrize(
    ("environment", "found", "words"),
    [
        ("prod", {}, "name another environment than the one to deploy to"),
        ("dev", {"image": "", "mark": ""}, "dev has no flows yet; deploy them there first"),
        ("dev", {"image": DIGEST, "mark": "other"}, "dev runs the files other, but"),
        ("dev", {"image": DIGEST}, ""),
    ],
)
def test_only_the_image_of_the_same_files_is_promoted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, environment: str, found: dict[str, Json], words: str
) -> None:
    source = folder(tmp_path / "flows", files())
    answer = {"mark": read_project(source).mark, **found}
    monkeypatch.setattr(commands, "_asked", lambda *_: (Result(), answer))
    state = StateDirectory.at(str(tmp_path / "state"))
    with closing(Session(state, TargetOptions())) as session:
        loaded = load(ANSWERS)
        facts = RunFacts("", tmp_path, loaded.answers, loaded.draft, {}, "", "")
        request = FlowRequest("deploy", "prod", source)
        if words:
            with pytest.raises(InstallerError, match=words):
                commands.promoted_digest({}, session, facts, request, environment)
        else:
            assert commands.promoted_digest({}, session, facts, request, environment) == DIGEST
