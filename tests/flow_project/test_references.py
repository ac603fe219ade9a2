"""Placeholders of variables, blocks and build steps, and keys that only Prefect's own command uses."""

from pathlib import Path

import pytest

from installer.flow_project.objects import FlowObject
from installer.flow_project.project import load_project, read_project
from tests.flow_project.projects import DEV, files, folder, problems_of

VARIABLES = """\
variables:
  - {name: region, value: north}
  - {name: most, value: 3}
  - {name: is_prod, value: false}
  - {name: only_prod, value: x, environments: [prod]}
"""


def described(where: Path, lines: str, top: str = "") -> tuple[list[FlowObject], list[str], list[str]]:
    """Objects, problems and notes of a deployment with these lines."""
    text = f"{top}deployments:\n- name: nightly\n  entrypoint: flows.py:load_orders\n"
    text += "".join(f"  {line}\n" for line in lines.splitlines())
    project, problems = load_project(folder(where, files(text, **{"flowforge.yaml": VARIABLES})))
    assert problems == []
    return project.describe(DEV)


def test_variables_of_the_project_are_filled_in_when_it_is_deployed(tmp_path: Path) -> None:
    lines = """\
parameters: {day: "in {{ prefect.variables.region }}"}
concurrency_limit: "{{ prefect.variables.most }}"
schedule: {cron: "0 3 * * *", active: "{{ prefect.variables.is_prod }}"}
triggers: [{expect: [a], enabled: "{{ prefect.variables.is_prod }}", parameters: {day: "{{ event.id }}"}}]
work_pool: {job_variables: {env: {REGION: "{{ prefect.variables.theirs }}"}}}
"""
    objects, problems, _ = described(tmp_path, lines)
    assert problems == []
    by_kind = {one.kind: one.fields for one in objects}
    assert by_kind["deployment"]["parameters"] == {"day": "in north"}
    assert by_kind["deployment"]["concurrency_limit"] == 3
    assert by_kind["deployment"]["job_variables"] == {"env": {"REGION": "{{ prefect.variables.theirs }}"}}
    assert by_kind["schedule"]["active"] is False
    assert by_kind["automation"]["enabled"] is False
    actions = by_kind["automation"]["actions"]
    assert isinstance(actions, list)
    assert isinstance(actions[0], dict)
    assert actions[0]["parameters"] == {"day": "{{ event.id }}"}


BUILD = """\
build:
- prefect_docker.deployments.steps.build_docker_image: {id: build-image, image_name: x}
"""


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ('parameters: {day: "{{ prefect.variables.theirs }}"}', "a variable that flowforge.yaml does not describe"),
        ('parameters: {day: "{{ prefect.variables.only_prod }}"}', "a variable that flowforge.yaml does not describe"),
        ('parameters: {day: "{{ prefect.blocks.secret.key }}"}', "load the block in the flow"),
        ('tags: ["{{ commit.stdout }}"]', "no build steps are run"),
        ('tags: ["{{ region }}"]', "no build steps are run"),
        ('triggers: [{expect: ["{{ prefect.variables.no }}"]}]', "a variable that flowforge.yaml does not describe"),
        ('pull:\n- a.b: {folder: "{{ build-image.image }}"}', "pull: {{ build-image.image }} is the output of a build"),
        (
            'work_pool: {job_variables: {env: {TAG: "{{ build-image.tag }}"}}}',
            "job_variables: {{ build-image.tag }} is",
        ),
        ("work_pool: {job_variables: {image: theirs:1}}", "job_variables has an image"),
        ('schedule: {cron: "0 0 * * *", active: "yes please"}', "active is true or false"),
        ('schedule: {rrule: "FREQ=NEVER"}', 'rrule "FREQ=NEVER" is not valid'),
        ("triggers: [{expect: [a], enabled: often}]", "enabled is true or false"),
    ],
)
def test_what_cannot_be_filled_in_is_a_problem(tmp_path: Path, lines: str, words: str) -> None:
    _, problems, _ = described(tmp_path, lines, BUILD)
    assert len(problems) == 1
    assert words in problems[0]


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ('work_pool: {job_variables: {image: "{{ build-image.image }}"}}', "the image is the one that the installer"),
        ('version: "{{ commit.stdout }}"', "version is the hash of the files"),
        ("working_dir: /home/me", "working_dir is not used, as by prefect deploy"),
        ("job_variables: {env: {A: b}}", "it belongs under work_pool"),
    ],
)
def test_what_the_installer_replaces_or_prefect_ignores_is_a_note(tmp_path: Path, lines: str, words: str) -> None:
    objects, problems, notes = described(tmp_path, lines, BUILD)
    assert problems == []
    assert any(words in note for note in notes), notes
    deployment = next(one for one in objects if one.kind == "deployment")
    assert deployment.fields["version"] == read_project(str(tmp_path)).mark


def test_both_forms_of_a_schedule_are_read(tmp_path: Path) -> None:
    lines = """\
schedules:
- {schedule: {cron: "0 3 * * *", timezone: Europe/Oslo}, active: false, slug: night}
- {interval: PT1H, replaces: former}
"""
    objects, problems, _ = described(tmp_path, lines)
    assert problems == []
    night, hourly = (one for one in objects if one.kind == "schedule")
    assert (night.name.partition("#")[2], night.fields["active"]) == ("night", False)
    assert night.fields["schedule"] == {"cron": "0 3 * * *", "timezone": "Europe/Oslo"}
    assert hourly.fields["schedule"] == {"interval": 3600.0}


def test_a_project_as_prefect_init_writes_it_is_read(tmp_path: Path) -> None:
    text = """\
name: orders
prefect-version: 3.8.8
build:
push:
pull:
- prefect.deployments.steps.git_clone: {id: clone, repository: "https://example.com/orders.git", branch: main}
- prefect.deployments.steps.pip_install_requirements: {directory: "{{ clone.directory }}", requirements_file: r.txt}
deployments:
- name: nightly
  version:
  tags: []
  concurrency_limit:
  description:
  entrypoint: flows.py:load_orders
  parameters: {}
  work_pool: {name: , work_queue_name: , job_variables: {}}
  schedules: []
"""
    assert problems_of(folder(tmp_path, files(text)), DEV) == []
