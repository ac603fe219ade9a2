"""The customer's flows in a plan: listed by what their files describe, never as changes, because Prefect was not asked."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from installer.answers.files import load
from installer.answers.model import Answers
from installer.flow_project.source import PROJECT_FILE
from installer.planning.model import Change, Plan
from installer.planning.own_flows import own_flows
from installer.planning.prefect_objects import RECORDED, recorded_only
from installer.planning.report import FLOWS, heading, idle, rendered
from installer.planning.tree import branches
from tests.answers.answers_files import FOLDER

ANSWERS = load(FOLDER / "prod.yaml").answers
PROJECT = """
deployments:
  - name: nightly
    entrypoint: flow.py:hello
    schedules:
      - cron: "0 3 * * *"
  - name: hourly
    entrypoint: flow.py:hello
"""
COMPANION = """
variables:
  - name: limit
    value: 3
"""


def answered(source: str) -> Answers:
    return ANSWERS.model_copy(update={"flows": ANSWERS.flows.model_copy(update={"source": source})})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / PROJECT_FILE).write_text(PROJECT, encoding="utf-8")
    (tmp_path / "flowforge.yaml").write_text(COMPANION, encoding="utf-8")
    (tmp_path / "flow.py").write_text("from prefect import flow\n\n\n@flow\ndef hello():\n    pass\n", encoding="utf-8")
    return tmp_path


def test_each_environment_has_its_objects_by_number_and_what_is_not_known(folder: Path) -> None:
    found = list(own_flows(answered(str(folder))))
    assert [one.environment for one in found] == list(ANSWERS.subscription.environments)
    for one in found:
        assert f"1 variable, 1 work queue, 2 deployments, 1 schedule in {folder}" in one.sentence
        assert "whether Prefect has them is not known here" in one.sentence
        assert f"flows diff --env {one.environment} compares them" in one.sentence


def test_without_flows_there_is_nothing_to_say() -> None:
    assert list(own_flows(answered(""))) == []


@pytest.mark.parametrize("content", [None, "deployments: [", "deployments: 3", "deployments:\n  - name: x\n"])
def test_files_that_cannot_be_read_are_named_with_the_reason(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / PROJECT_FILE).write_text(content, encoding="utf-8")
    for one in own_flows(answered(str(tmp_path))):
        assert one.problem
        assert f"{tmp_path} cannot be read: {one.problem}" in one.sentence
        assert "\n" not in one.sentence


@pytest.mark.parametrize("suffix", [".txt", ".md", ".html"])
def test_they_are_in_every_form_and_leave_a_plan_idle(folder: Path, suffix: str) -> None:
    plan = Plan("s", "public", 0.0, (), flows=tuple(own_flows(answered(str(folder)))))
    assert FLOWS in rendered(plan, suffix)
    assert "2 deployments" in rendered(plan, suffix)
    assert idle(plan)
    assert heading(plan) == "nothing to do"
    told = json.loads(rendered(plan, ".json"))["flows"]
    assert [one["environment"] for one in told] == list(ANSWERS.subscription.environments)
    assert "deployment hello/nightly" in told[0]["objects"]
    here = branches(plan)[0]
    assert [child.text for child in here.children] == [plan.flows[0].sentence, *plan.flows[0].objects]


def test_objects_that_were_not_compared_with_prefect_are_said_to_be_so() -> None:
    one = Change("prefect:dev/x", "Prefect/variable", "x", "", "register", "same", environment="dev", why=RECORDED)
    assert recorded_only([]) == []
    assert recorded_only([replace(one, why="", change="create")]) == []
    (told,) = recorded_only([one, one, replace(one, environment="prod")])
    assert told.startswith("Prefect of dev, prod: its server is reached inside the network only")
