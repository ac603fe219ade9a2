"""A project is described in the fields of the Prefect API, or refused with all its problems."""

from dataclasses import replace
from pathlib import Path

import pytest

from installer.flow_project.objects import FlowObject
from installer.flow_project.project import read_project
from installer.images.flow_context import IMAGE_PROJECT
from tests.flow_project.projects import DEV, FLOWS, PREFECT, files, folder, problems_of

COMPANION = """\
variables:
  - name: orders_{{ $FLOWFORGE_ENVIRONMENT }}
    value: {region: north}
  - name: only_prod
    value: 1
    environments: [prod]
blocks:
  - type: azure-blob-storage-container
    name: archive
    data: {container_name: archive}
global_concurrency_limits:
  - {name: warehouse, limit: 3}
work_queues:
  - {name: heavy, priority: 1, concurrency_limit: 2}
automations:
  - name: repeat
    trigger: {type: event, expect: [prefect.flow-run.Failed, prefect.flow-run.Crashed, prefect.flow-run.TimedOut], posture: Reactive, threshold: 1, within: 0}
    actions: [{type: run-deployment, deployment: load-orders/nightly}]
"""
TRIGGERED = """\
deployments:
  - name: nightly
    entrypoint: flows.py:load_orders
    triggers:
      - {expect: [file.arrived], threshold: 1, within: 0, parameters: {day: "{{ event.resource.name }}"}}
      - {name: both, enabled: false, require: all, within: 60, triggers: [{expect: [a]}, {expect: [b]}]}
"""
WRONG = """\
deployments:
  - name: nightly
    entrypoint: flows.py:load
  - name: nightly
    entrypoint: ../other.py:load
  - name: a/b
    entrypoint: flows.py:load_orders
    tag: [x]
    work_pool: {name: theirs, job_variables: {image: theirs}}
    schedules: [{cron: often, timezone: Mars/Base}, {interval: 60, rrule: x}]
    triggers: [{type: moon}]
    sla: [{name: late}]
    concurrency_limit: none
    parameters: {day: "{{ $HOME }}"}
  - entrypoint: broken.py:load
  - name: twice
    entrypoint: flows.py:load_orders
  - name: twice
    entrypoint: flows.py:load_orders
"""


def test_deployments_schedules_and_companion_are_described_for_their_environment(tmp_path: Path) -> None:
    project = read_project(folder(tmp_path, files(**{"flowforge.yaml": COMPANION})))
    objects = {one.key: one for one in project.objects(replace(DEV, image="registry/flows@sha256:1"))}
    assert list(objects) == [
        "variable orders_dev",
        "block azure-blob-storage-container/archive",
        "concurrency limit warehouse",
        "work queue flowforge-dev/heavy",
        "work queue flowforge-dev/flowforge",
        "deployment load-orders/nightly",
        "schedule load-orders/nightly#schedule-1",
        "automation repeat",
    ]
    deployment = objects["deployment load-orders/nightly"].fields
    assert deployment["pull_steps"] == [
        {"prefect.deployments.steps.set_working_directory": {"directory": IMAGE_PROJECT}}
    ]
    assert (deployment["version"], deployment["job_variables"]) == (project.mark, {"image": "registry/flows@sha256:1"})
    schedule = objects["schedule load-orders/nightly#schedule-1"].fields
    assert schedule["schedule"] == {"cron": "0 3 * * *", "timezone": "Europe/Stockholm"}
    in_prod = {one.key for one in project.objects(replace(DEV, environment="prod", pool="flowforge-prod"))}
    assert {"variable orders_prod", "variable only_prod"} <= in_prod


def test_all_problems_of_a_project_are_reported_at_once(tmp_path: Path) -> None:
    wrong = {
        "broken.py": "def load(:\n",
        "flowforge.yaml": "queues: []\nblocks:\n- {type: secret, name: key, data: {}}\n",
    }
    found = "\n".join(problems_of(folder(tmp_path, files(WRONG, **wrong)), DEV))
    for words in (
        "deployment 1 (nightly): flows.py: there is no flow load; flows in this file: load_orders",
        "the project has no such file",
        "deployment 3 (a/b): tag is unknown; is tags meant?",
        'the name "a/b" has one of / % & < >, which Prefect does not take',
        "work_pool.name is theirs, but the worker serves flowforge-dev",
        "job_variables has an image",
        'cron "often" needs five fields',
        "time zone Mars/Base is unknown",
        "exactly one of cron, interval, rrule",
        "trigger 1: type is one of event, metric, compound, sequence",
        "sla is not supported",
        "concurrency_limit is a whole number",
        "placeholder {{ $HOME }} is unknown",
        "broken.py line 1: not valid Python",
        "deployment load-orders/twice occurs twice",
        "flowforge.yaml: queues is unknown",
        "would be a secret in a file",
    ):
        assert words in found, words


def test_unreadable_yaml_is_a_problem_with_its_line_and_aliases_do_not_multiply_without_limit(tmp_path: Path) -> None:
    broken = problems_of(folder(tmp_path / "broken", files("deployments:\n  - name: [\n")), DEV)
    assert len(broken) == 1
    assert broken[0].startswith("prefect.yaml line 3: not valid YAML")
    bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{after}: &{after} [{', '.join([f'*{before}'] * 10)}]\n"
        for before, after in zip("abcdef", "bcdefg", strict=True)
    )
    assert "more than 20000 values" in problems_of(folder(tmp_path / "bomb", files(bomb)), DEV)[0]
    assert "twice" not in "".join(problems_of(folder(tmp_path / "good", files()), DEV))


def test_the_name_of_a_flow_is_that_of_its_decorator(tmp_path: Path) -> None:
    text = FLOWS.replace("@flow", '@flow(name="Orders of a day")')
    project = read_project(folder(tmp_path / "named", {**files(), "flows.py": text}))
    assert FlowObject("work queue", "flowforge-dev/flowforge", {}) in project.objects(DEV)
    assert "deployment Orders of a day/nightly" in {one.key for one in project.objects(DEV)}
    plain = {**files(), "flows.py": FLOWS.replace("@flow", "@task")}
    assert "a function without @flow" in "".join(problems_of(folder(tmp_path / "plain", plain), DEV))
    computed = {**files(), "flows.py": FLOWS.replace("@flow", "@flow(name=NAME)")}
    assert "write it as flow_name too" in "".join(problems_of(folder(tmp_path / "computed", computed), DEV))
    named = {**computed, "prefect.yaml": PREFECT + "    flow_name: orders\n"}
    assert problems_of(folder(tmp_path / "flow-name", named), DEV) == []


def test_triggers_are_automations_that_run_their_deployment(tmp_path: Path) -> None:
    project = read_project(folder(tmp_path, files(TRIGGERED)))
    first, second = (one for one in project.objects(DEV) if one.kind == "automation")
    assert (first.name, first.fields["enabled"]) == ("nightly__automation_1", True)
    assert first.fields["trigger"] == {
        "type": "event",
        "posture": "Reactive",
        "expect": ["file.arrived"],
        "threshold": 1,
        "within": 0,
    }
    assert first.fields["actions"] == [
        {
            "type": "run-deployment",
            "deployment": "load-orders/nightly",
            "parameters": {"day": "{{ event.resource.name }}"},
        }
    ]
    assert (second.name, second.fields["enabled"]) == ("both", False)
    assert second.fields["trigger"] == {
        "type": "compound",
        "require": "all",
        "within": 60,
        "triggers": [{"type": "event", "posture": "Reactive", "expect": [name]} for name in ("a", "b")],
    }


def test_sections_that_the_installer_replaces_are_noted(tmp_path: Path) -> None:
    built = "build:\n- prefect_docker.deployments.steps.build_docker_image: {}\n"
    project = read_project(folder(tmp_path, files(built + PREFECT)))
    _, problems, notes = project.describe(DEV)
    assert problems == []
    assert "build and push are not used" in notes[0]


def test_truth_values_are_those_of_prefect_deploy(tmp_path: Path) -> None:
    text = PREFECT + '    paused: yes\n    enforce_parameter_schema: Off\n    parameters: {n: "no", day: y}\n'
    fields = next(
        one.fields for one in read_project(folder(tmp_path, files(text))).objects(DEV) if one.kind == "deployment"
    )
    assert (fields["paused"], fields["enforce_parameter_schema"]) == (True, False)
    assert fields["parameters"] == {"n": "no", "day": "y"}
    wrong = problems_of(folder(tmp_path, files(PREFECT + '    paused: "yes"\n')), DEV)
    assert wrong == ["prefect.yaml: deployment 1 (nightly): paused is true or false"]


@pytest.mark.parametrize(
    ("prefect", "words"),
    [
        (PREFECT.replace("nightly", '"a%b"'), 'the name "a%b" has one of / % & < >'),
        (PREFECT.replace("nightly", '"a\\e[31mb"'), "the name 'a\\x1b[31mb' has control characters"),
        (PREFECT.replace("nightly", "2024"), "deployment 1: name is required, a text"),
        (PREFECT.replace("flows.py", "named.py"), 'the name of the flow "orders/day" has one of'),
        (PREFECT + '    schedule: {cron: "0 3 * * *"}\n', "it has schedule and schedules; keep schedules only"),
        (PREFECT + "    parameters: {x: .nan}\n", "nan is no value in JSON"),
        (PREFECT + '    description: "a\\0"\n', "has a NUL or half a character"),
        (PREFECT + '    description: "\\uD800"\n', "has a NUL or half a character"),
    ],
)
def test_what_prefect_would_refuse_or_do_twice_is_a_problem(tmp_path: Path, prefect: str, words: str) -> None:
    named = FLOWS.replace("@flow", '@flow(name="orders/day")')
    (problem,) = problems_of(folder(tmp_path, files(prefect, **{"named.py": named})), DEV)
    assert words in problem
    assert problem.isprintable()


def test_names_of_objects_in_the_companion_are_those_that_prefect_takes(tmp_path: Path) -> None:
    companion = (
        "global_concurrency_limits: [{name: a%, limit: 1}]\nwork_queues: [{name: a/b}]\n"
        'automations: [{name: "a/b: \\e", trigger: {type: event}, actions: [{type: do-nothing}]}]\n'
    )
    assert problems_of(folder(tmp_path, files(**{"flowforge.yaml": companion})), DEV) == [
        'flowforge.yaml: global_concurrency_limits 1 (a%): the name "a%" has one of / % & < >, which Prefect does not take',
        'flowforge.yaml: work_queues 1 (a/b): the name "a/b" has one of / % & < >, which Prefect does not take',
        "flowforge.yaml: automations 1 (a/b:  ): the name 'a/b: \\x1b' has control characters",
    ]


@pytest.mark.parametrize(
    ("entrypoint", "name", "kept"),
    [
        ("load.daily:orders", "orders", "load.daily:orders"),
        ("load.daily.orders", "orders", "load.daily.orders"),
        ("load.daily:Sales.of_day", "of-day", "load.daily:Sales.of_day"),
        (r"load\daily.py:orders", "orders", "load/daily.py:orders"),
    ],
)
def test_entrypoints_are_files_or_modules(tmp_path: Path, entrypoint: str, name: str, kept: str) -> None:
    code = "from prefect import flow\n\n\n@flow\ndef orders(): ...\n\n\nclass Sales:\n    @flow\n    def of_day(self): ...\n"
    given = files(PREFECT.replace("flows.py:load_orders", entrypoint), **{"load/daily.py": code})
    (deployment,) = (one for one in read_project(folder(tmp_path, given)).objects(DEV) if one.kind == "deployment")
    assert (deployment.name, deployment.fields["entrypoint"]) == (f"{name}/nightly", kept)
