"""Another machine can adopt an installation from Azure alone: the same answers and a run that can be resumed."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from installer.cloud.arm import Arm
from installer.cloud.emulator_process import Seed, start
from installer.conventions.naming import INSTALLATION_TAG
from installer.engine.journal import Journal
from installer.errors import UsageError
from installer.runs.adopt import installations, rebuilt
from installer.runs.follow_remote import follow
from installer.runs.run import read_facts
from installer.runs.state_directory import StateDirectory
from tests.cloud.no_cloud import RECORDED
from tests.e2e.conftest import Rehearsed, azure_alone
from tests.emulator.sample_templates import account, group, inside, nested, template

if TYPE_CHECKING:
    from installer.engine.events import Event

pytestmark = pytest.mark.e2e


def test_an_installation_is_rebuilt_from_azure_alone(rehearsed: Rehearsed, tmp_path: Path) -> None:
    rehearsal = azure_alone(rehearsed.state)
    try:
        target, subscription = rehearsal.target, str(rehearsal.facts["subscription"])
        (found,) = installations([subscription], lambda one: Arm(target, one))
        assert installations([subscription], lambda one: Arm(target, one), "nobody") == []
    finally:
        rehearsal.stop()
    assert found.recorded.installation == "contoso"
    assert found.running == ()
    assert "ff-contoso-network" in {one.name for one in found.deployments}
    state = StateDirectory.at(str(tmp_path))
    facts = rebuilt(state, found.recorded, RECORDED)
    assert (facts.name, facts.state, facts.target) == (rehearsed.run.name, "interrupted", RECORDED)
    assert (facts.directory / "answers.yaml").read_bytes() == (rehearsed.run / "answers.yaml").read_bytes()
    with Journal(rehearsed.run, write=False) as journal:
        original = read_facts(journal)
    assert facts.answers == original.answers
    assert facts.draft.given() == original.draft.given()
    assert rebuilt(state, found.recorded, RECORDED).name == "contoso-2"  # an existing run is never overwritten
    older = type(found.recorded)("contoso", subscription, {"x": 1}, {}, "contoso-1", "9.9", "contoso-1@there")
    with pytest.raises(UsageError, match=r"written by flowforge-installer 9\.9 and cannot be read by this version"):
        rebuilt(state, older, RECORDED)


def test_deployments_of_another_machine_are_followed_to_their_end(tmp_path: Path) -> None:
    rehearsal = start(tmp_path, speed=600, seed=Seed(processes=False))
    events: list[Event] = []
    try:
        arm = Arm(rehearsal.target, str(rehearsal.facts["subscription"]))
        for number in range(2):
            name = f"rg-{number}"
            inner = inside(account(f"sttakeover{number}"))
            arm.begin(
                f"ff-contoso-{number}",
                location="westeurope",
                template=template(group(name), nested("inner", inner, into=name)),
                parameters={},
                tags={INSTALLATION_TAG: "contoso" if number else "other"},
            )
        follow(arm, "contoso", [events.append])
    finally:
        rehearsal.stop()
    assert {event.step for event in events} == {"ff-contoso-1"}
    assert events[-1].kind == "step.finished"
    assert "sttakeover1" in {event.resource for event in events if event.kind == "resource.finished"}
