"""A cancel includes nested deployments, is followed to its end, and leaves a deployment that can be sent again."""

import threading
from pathlib import Path

import pytest

from installer.cloud.arm import Arm
from installer.cloud.emulator_process import Rehearsal, Seed, start
from installer.engine.events import Event
from installer.engine.step import Context, Question, Stop
from installer.engine.stream import Stream
from installer.errors import Interrupted
from installer.steps.deployment_follower import Follower
from tests.emulator.sample_templates import account, group, inside, nested, template
from tests.engine.scripted_steps import PATIENCE, Memory

pytestmark = pytest.mark.e2e
NAME = "ff-nested"
STORAGE = "Microsoft.Storage/storageAccounts"


def no_answer(question: Question, stop: Stop) -> None:
    """Give no answer."""


def begin(arm: Arm) -> None:
    """Two nested deployments, each a chain of accounts."""
    chains = []
    for name in ("one", "two"):
        names = [f"stcancel{name}{number}" for number in range(6)]
        chain = [account(it, after=[f"{STORAGE}/{names[at - 1]}"] if at else []) for at, it in enumerate(names)]
        chains.append(nested(name, inside(*chain), into="rg-cancel"))
    body = template(group("rg-cancel"), *chains)
    arm.begin(NAME, location="westeurope", template=body, parameters={}, tags={})


def states(arm: Arm) -> dict[str, str]:
    """States of the nested deployments."""
    return {one.name: one.state for one in arm.operations(NAME) if one.is_deployment}


def cancelled(rehearsal: Rehearsal) -> tuple[Arm, list[Event], Interrupted]:
    """Follow a deployment and cancel it after the first nested resource has finished."""
    arm, stop, stream = Arm(rehearsal.target, str(rehearsal.facts["subscription"])), Stop(), Stream()
    events: list[Event] = []
    under_way = threading.Event()

    def on_event(event: Event) -> None:
        events.append(event)
        if event.kind == "resource.finished" and event.resource.startswith("stcancel"):
            under_way.set()

    stream.listen(on_event)
    begin(arm)
    ends: list[Interrupted] = []

    def follow() -> None:
        try:
            Follower(arm, Context("nested", stream, Memory(), {}, stop, no_answer), NAME).outcome()
        except Interrupted as interrupted:
            ends.append(interrupted)

    thread = threading.Thread(target=follow)
    thread.start()
    assert under_way.wait(PATIENCE)
    stop.request(cancel_deployments=True)
    thread.join(PATIENCE)
    (end,) = ends
    return arm, events, end


def test_a_cancel_is_followed_into_nested_deployments_and_can_be_resumed(tmp_path: Path) -> None:
    rehearsal = start(tmp_path, speed=60, seed=Seed(processes=False))
    try:
        arm, events, end = cancelled(rehearsal)
        assert str(end).startswith(f"deployment {NAME} was cancelled on request")
        found = arm.deployment(NAME)
        assert found is not None
        assert found.state == "canceled"
        assert set(states(arm).values()) <= {"canceled", "failed"}
        begun = {event.resource for event in events if event.kind == "resource.started"}
        over = {event.resource for event in events if event.kind in ("resource.finished", "resource.failed")}
        left = {event.text.split()[5] for event in events if event.text.startswith("Azure is still working on")}
        assert begun <= over | left  # no resource continues without a report
        assert not over & left
        begin(arm)
        ended = Follower(arm, Context("nested", Stream(), Memory(), {}, Stop(), no_answer), NAME).outcome()
        assert ended.state == "succeeded"
        assert set(states(arm).values()) == {"succeeded"}
    finally:
        rehearsal.stop()
