"""Rights are given time to work, in the time of the target, and no longer than they need."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from installer.cloud.arm import Arm
from installer.cloud.models import Deployment, deployment_of
from installer.engine.step import Context, Question, Stop
from installer.engine.stream import Stream
from installer.errors import VerificationFailed
from installer.steps.rbac_propagation import EFFECT_SECONDS, WaitForRbacPropagation
from tests.cloud.no_cloud import TARGET
from tests.steps.step_context import StepMemory

SPEED = 10_000.0


class Cloud(Arm):
    """Knows one deployment."""

    def __init__(self, found: Deployment | None) -> None:
        super().__init__(replace(TARGET, speed=SPEED), "s")
        self.found = found

    def deployment(self, name: str) -> Deployment | None:  # noqa: ARG002  the cloud's
        """That deployment."""
        return self.found


def no_answer(question: Question, stop: Stop) -> None:
    """Never answers."""


def step(found: Deployment | None) -> tuple[WaitForRbacPropagation, Context]:
    context = Context("rights", Stream(), StepMemory(), {}, Stop(), no_answer)
    return WaitForRbacPropagation(Cloud(found), "ff-contoso-grants", ("grants",)), context


def granted(ago: float) -> Deployment:
    """So many seconds of the target ago."""
    return Deployment("g", "succeeded", ended=datetime.now(UTC) - timedelta(seconds=ago / SPEED))


def test_rights_that_were_granted_long_ago_need_no_wait() -> None:
    it, context = step(granted(EFFECT_SECONDS + 60))
    assert it.check(context) == {}


@pytest.mark.parametrize("ago", [0.0, 30.0, -5000.0])
def test_fresh_rights_are_waited_for(ago: float) -> None:
    it, context = step(granted(ago))
    told: list[str] = []
    context.stream.listen(lambda event: told.append(event.kind))
    assert it.check(context) is None
    assert it.apply(context) == {}
    assert told == ["resource.started", "resource.finished"]


@pytest.mark.parametrize("found", [None, Deployment("g", "failed")])
def test_rights_that_are_gone_are_missed(found: Deployment | None) -> None:
    it, context = step(found)
    with pytest.raises(VerificationFailed, match="ff-contoso-grants"):
        it.check(context)


def test_when_a_deployment_ended_is_read_as_azure_writes_it() -> None:
    raw = deployment_of("g", {"properties": {"timestamp": "2026-11-24T10:00:00.1234567Z"}})
    assert raw.ended is not None
    assert raw.ended.tzinfo is not None
    assert deployment_of("g", {"properties": {"timestamp": "soon"}}).ended is None
