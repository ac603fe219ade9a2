"""Pull steps of other images and of older versions, and secrets that are written in a file of the project."""

from pathlib import Path

import pytest

from installer.flow_project.project import read_project
from installer.images.flow_context import IMAGE_PROJECT
from tests.flow_project.projects import DEV, PREFECT, files, folder, problems_of

STEPS = "prefect.deployments.steps"
CLONE = f"pull:\n- {STEPS}.git_clone:\n    repository: https://git.example/x.git\n"
CANARY = "canary-5f1d"


def pull_of(where: Path, text: str) -> tuple[object, list[str]]:
    """Pull steps of the deployment, and the notes."""
    objects, problems, notes = read_project(folder(where, files(text))).describe(DEV)
    assert problems == []
    return next(one.fields["pull_steps"] for one in objects if one.kind == "deployment"), notes


@pytest.mark.parametrize("place", ["/app", "/opt/prefect/orders", "/opt/flowforge"])
def test_the_working_directory_of_another_image_is_that_of_the_image_of_the_flows(tmp_path: Path, place: str) -> None:
    steps, notes = pull_of(tmp_path, f"pull:\n- {STEPS}.set_working_directory: {{directory: {place}}}\n{PREFECT}")
    assert steps == [{f"{STEPS}.set_working_directory": {"directory": IMAGE_PROJECT}}]
    (note,) = notes
    assert note.startswith("prefect.yaml: deployment 1 (nightly): pull: ")
    assert note.endswith(f"the files are in {IMAGE_PROJECT} of the image, which is used in place of {place}")


def test_a_directory_of_the_project_and_one_that_a_step_makes_are_kept(tmp_path: Path) -> None:
    for number, directory in enumerate((IMAGE_PROJECT, f"{IMAGE_PROJECT}/load", ".", '"{{ clone.directory }}"')):
        text = f"pull:\n- {STEPS}.set_working_directory: {{directory: {directory}}}\n{PREFECT}"
        steps, notes = pull_of(tmp_path / str(number), text)
        assert steps == [{f"{STEPS}.set_working_directory": {"directory": directory.strip('"')}}]
        assert notes == []
    steps, notes = pull_of(
        tmp_path / "cloned", f"{CLONE}- {STEPS}.set_working_directory: {{directory: /srv/x}}\n{PREFECT}"
    )
    assert isinstance(steps, list)
    assert (len(steps), notes) == (2, [])


def test_steps_that_prefect_3_does_not_have_are_refused(tmp_path: Path) -> None:
    text = f"{CLONE.replace('deployments', 'projects')}{PREFECT}"
    (problem,) = problems_of(folder(tmp_path, files(text)), DEV)
    assert "prefect.projects.steps.git_clone does not exist in Prefect 3; it begins with prefect.deployments" in problem


@pytest.mark.parametrize(
    "text",
    [
        f"{CLONE}    access_token: {CANARY}\n{PREFECT}",
        f"{CLONE.replace('git.example', f'git:{CANARY}@git.example')}{PREFECT}",
    ],
)
def test_credentials_of_a_repository_are_not_written_in_a_file(tmp_path: Path, text: str) -> None:
    (problem,) = problems_of(folder(tmp_path, files(text)), DEV)
    assert "pull has the credentials of a repository in clear" in problem
    assert CANARY not in problem


def test_credentials_that_prefect_resolves_are_taken(tmp_path: Path) -> None:
    text = f'{CLONE}    access_token: "{{{{ prefect.blocks.secret.git }}}}"\n{PREFECT}'
    assert problems_of(folder(tmp_path, files(text)), DEV) == []


def test_values_that_may_be_secrets_are_named_without_their_content(tmp_path: Path) -> None:
    text = (
        f"{PREFECT}    parameters: {{api_key: {CANARY}, day: today}}\n    work_pool:\n      job_variables:\n        env:\n"
        f'          DB_PASSWORD: {CANARY}\n          TOKEN: "{{{{ prefect.blocks.secret.key }}}}"\n          MAX_TOKENS: 5\n'
    )
    companion = f"variables:\n- {{name: sales_password, value: {CANARY}}}\n- {{name: region, value: north}}\n"
    _, problems, notes = read_project(folder(tmp_path, files(text, **{"flowforge.yaml": companion}))).describe(DEV)
    assert problems == []
    assert [note.partition(" is in clear")[0].rpartition(" ")[2] for note in notes[:2]] == [
        "job_variables.env.DB_PASSWORD",
        "parameters.api_key",
    ]
    assert notes[2].startswith("flowforge.yaml: variables 1 (sales_password): each user of Prefect can read it")
    assert CANARY not in "".join(notes)
