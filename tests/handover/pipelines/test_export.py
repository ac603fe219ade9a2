"""`pipelines` writes into a repository: beside the answers, among edited files, with a lock that pip accepts."""

import hashlib
import json
import re
import shutil
from contextlib import chdir
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner, Result

from installer.answers.draft import Draft
from installer.answers.files import dump
from installer.answers.model import Answers
from installer.cli.main import cli
from installer.errors import UsageError
from installer.handover.merged_directory import GENERATED
from installer.handover.pipelines.wheel import Wheel, read_wheel
from installer.shipped_files import example_flows
from tests.bicep.answers_variants import answers
from tests.handover.pipelines.contents import PRIVATE, PUBLIC, TWO, content

NAME: Final = "flowforge_installer-1.2.3-py3-none-any.whl"
WORKFLOW: Final = ".github/workflows/flowforge-contoso-infrastructure.yml"


def _repository(path: Path, given: Answers = TWO) -> Path:
    """A repository with answers, and a wheel beside it."""
    root = path / "repository"
    root.mkdir()
    (root / "answers.yaml").write_text(dump(Draft.of(given)), encoding="utf-8")
    shutil.copytree(example_flows(), root / "flows", ignore=shutil.ignore_patterns("__pycache__"))
    (path / NAME).write_bytes(b"a wheel")
    return root


def _written(root: Path, platform: str, *more: str) -> Result:
    words = ["pipelines", platform, str(root / "answers.yaml"), "-o", str(root), "--wheel", str(root.parent / NAME)]
    own = ("--repository", "Contoso/platform") if platform == "github" else ()
    with chdir(root):
        return CliRunner().invoke(cli, [*words, *own, *more])


def _content(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.mark.parametrize("platform", ["github", "azdo"])
def test_a_second_time_changes_nothing(tmp_path: Path, platform: str) -> None:
    root = _repository(tmp_path)
    assert _written(root, platform).exit_code == 0
    before = _content(root)
    assert {line.partition(": ")[2] for line in _written(root, platform).stdout.splitlines()} == {"unchanged"}
    assert _content(root) == before
    assert f"flowforge/contoso/{'setup/action.yml' if platform == 'github' else 'infrastructure.yml'}" in before


@pytest.mark.parametrize(("first", "second"), [("github", "azdo"), ("azdo", "github")])
def test_another_platform_takes_over_only_when_asked(tmp_path: Path, first: str, second: str) -> None:
    root = _repository(tmp_path)
    assert _written(root, first).exit_code == 0
    before = _content(root)
    refused = _written(root, second)
    assert isinstance(refused.exception, UsageError)
    assert "--replace removes them" in str(refused.exception)
    assert _content(root) == before
    moved = _written(root, second, "--replace")
    assert moved.exit_code == 0
    assert "removed, since it is no longer generated" in moved.stdout
    assert (WORKFLOW in _content(root)) == (second == "github")


@pytest.mark.parametrize("platform", ["github", "azdo"])
@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--branch", "a'b"),
        ("--branch", "a; b"),
        ("--branch", "x..y"),
        ("--branch", ""),
        ("--runner", "${{ secrets.X }}"),
    ],
)
def test_names_that_would_break_an_expression_are_refused(
    tmp_path: Path, platform: str, option: str, value: str
) -> None:
    root = _repository(tmp_path)
    before = _content(root)
    refused = _written(root, platform, option, value)
    assert isinstance(refused.exception, UsageError)
    assert f"{option} {value}: write a " in str(refused.exception)
    assert _content(root) == before
    assert _written(root, platform, "--branch", "release/1.0_x", "--runner", "Pool of Contoso").exit_code == 0


@pytest.mark.parametrize(
    "name",
    [
        "${{ github.event.issue.title }}.yaml",
        "$(System.AccessToken).yaml",
        "$[variables.x].yaml",
        "`id`.yaml",
        "##vso[task.setvariable]x.yaml",
        "a\n      - b.yaml",
        "a\x1b[31m.yaml",
        "a\u202eb.yaml",
        "*.yaml",
        "!a.yaml",
        "a: b.yaml",
        'a"b.yaml',
        "a\\b.yaml",
    ],
)
@pytest.mark.parametrize("place", ["file", "folder", "flows"])
def test_a_path_that_a_platform_would_not_take_as_text_is_refused(name: str, place: str) -> None:
    file = {"file": name, "folder": f"{name}/answers.yaml"}.get(place, "answers.yaml")
    flows = TWO.flows.model_copy(update={"source": name})  # a validated answer has no control characters
    given = TWO.model_copy(update={"flows": flows}) if place == "flows" else TWO
    with pytest.raises(UsageError, match="use letters, digits, spaces") as refused:
        content(given, file).check()
    assert all(line.isprintable() for line in str(refused.value).split("\n"))
    content(TWO, "answers of/the team's \u00e9tape-1.yaml").check()


def test_edits_survive_a_changed_answers_file_and_a_conflict_is_told(tmp_path: Path) -> None:
    root = _repository(tmp_path)
    _written(root, "github")
    edited = (
        (root / WORKFLOW)
        .read_text()
        .replace("runs-on: ubuntu-latest\n    environment: contoso-dev", "runs-on: ours\n    environment: contoso-dev")
    )
    assert "runs-on: ours" in edited
    (root / WORKFLOW).write_text(edited)
    (root / "answers.yaml").write_text(dump(Draft.of(answers("dev", "qa", "prod", **PUBLIC))))
    done = _written(root, "github", "--output", "json")
    found = {one["name"]: one["state"] for one in json.loads(done.stdout)["files"]}
    assert done.exit_code == 0, done.stdout
    assert found[WORKFLOW] == "merged"
    merged = (root / WORKFLOW).read_text()
    assert "runs-on: ours" in merged
    assert "approve-qa" in merged
    # The flows have left the answers, and their unedited workflow goes with them.
    assert found[WORKFLOW.replace("infrastructure", "flows")] == "removed"

    (root / WORKFLOW).write_text(merged.replace("branches:\n      - main", "branches:\n      - ours"))
    done = _written(root, "github", "--branch", "trunk", "--output", "json")
    assert done.exit_code == 3
    assert json.loads(done.stdout)["conflicts"] == [WORKFLOW]
    assert "- ours" in (root / WORKFLOW).read_text()
    assert "- trunk" in (root / f"{WORKFLOW}{GENERATED}").read_text()


def test_the_lock_names_the_installer_and_every_package_by_version_and_hash(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"a wheel")
    wheel = read_wheel(tmp_path / NAME)
    digest = hashlib.sha256(b"a wheel").hexdigest()
    assert wheel == Wheel("1.2.3", digest)
    lines = [line for line in wheel.lock().replace("\\\n", "").splitlines() if not line.startswith("#")]
    assert lines[0].split() == ["flowforge-installer==1.2.3", f"--hash=sha256:{digest}"]
    assert len(lines) > 50
    assert [line for line in lines if not re.match(r"[\w.-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", line)] == []


@pytest.mark.parametrize("name", ["other-1.0-py3-none-any.whl", "flowforge_installer.whl", NAME])
def test_a_file_that_is_no_wheel_of_the_installer_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="--wheel"):
        read_wheel(tmp_path / name)


def test_answers_outside_of_the_repository_are_refused_and_nothing_is_written(tmp_path: Path) -> None:
    root = _repository(tmp_path)
    (root / "answers.yaml").rename(tmp_path / "answers.yaml")
    words = ["pipelines", "azdo", str(tmp_path / "answers.yaml"), "-o", str(root), "--wheel", str(tmp_path / NAME)]
    with chdir(root):
        done = CliRunner().invoke(cli, words)
    assert isinstance(done.exception, UsageError)
    assert "-o names its root" in str(done.exception)
    assert [path.name for path in root.iterdir()] == ["flows"]


def test_everything_that_a_pipeline_cannot_use_is_said_at_once() -> None:
    given = answers(
        "dev",
        flows={
            "source": "/home/me/flows",
            "image_from": f"registry.example.com/flows@sha256:{'1' * 64}",
            "user": "puller",
            "password": "env:GITHUB_PASSWORD",
        },
        images={
            "prefect_source": "import",
            "prefect_from": f"registry.example.com/prefect@sha256:{'1' * 64}",
            "user": "puller",
            "password": "keyring:registry",
        },
    )
    with pytest.raises(UsageError) as refused:
        content(given).check()
    text = str(refused.value)
    assert [key in text for key in ("flows.source", "flows.password", "images.password")] == [True] * 3
    assert "use env:NAME" in text


@pytest.mark.parametrize("platform", ["github", "azdo"])
def test_the_instructions_name_what_the_customer_provides(tmp_path: Path, platform: str) -> None:
    root = _repository(tmp_path, PRIVATE)
    _written(root, platform, "--runner", "inside")
    text = (root / "flowforge/contoso/README.md").read_text(encoding="utf-8")
    assert "`inside`" in text
    assert "cannot run Docker" in text
    named = [one for one in ("contoso-plan", "contoso-dev", "contoso-qa", "contoso-prod") if f"`{one}`" in text]
    assert len(named) == 4
    pushing = root / (
        ".github/workflows/flowforge-contoso-images.yml" if platform == "github" else "flowforge/contoso/images.yml"
    )
    assert "inside" in pushing.read_text(encoding="utf-8")


def test_ids_of_the_repository_are_in_the_subject_when_given(tmp_path: Path) -> None:
    root = _repository(tmp_path)
    _written(root, "github", "--repository-ids", "123/456")
    text = (root / "flowforge/contoso/sign-in.json").read_text(encoding="utf-8")
    assert "repo:Contoso@123/platform@456:environment:contoso-dev" in text
    assert "the IDs of owner and repository" in (root / "flowforge/contoso/README.md").read_text(encoding="utf-8")
