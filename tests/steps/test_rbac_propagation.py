"""Rights are given time to work, in the time of the target, and no longer than they need."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast

import pytest

from installer.cloud.models import Deployment, deployment_of
from installer.engine.step import Context, Question, Record, StepMemory, Stop
from installer.engine.stream import Stream
from installer.errors import VerificationFailed
from installer.steps.rbac_propagation import EFFECT_SECONDS, WaitForRbacPropagation

if TYPE_CHECKING:
    from installer.cloud.arm import Arm


class Nothing:
    """A journal that forgets, and the cloud's speed."""

    speed = 10_000.0

    def remember(self, record: Record) -> None:
        """Not needed here."""

    def recall(self, step: str) -> Record | None:  # noqa: ARG002  the journal's
        """Nothing is remembered."""
        return None


class Cloud:
    """Knows one deployment."""

    target = Nothing()

    def __init__(self, found: Deployment | None) -> None:
        self.found = found

    def deployment(self, name: str) -> Deployment | None:  # noqa: ARG002  the cloud's
        """That deployment."""
        return self.found


def no_answer(question: Question, stop: Stop) -> None:
    """Never answers."""


def step(found: Deployment | None) -> tuple[WaitForRbacPropagation, Context]:
    context = Context("rights", Stream(), cast("StepMemory", Nothing()), {}, Stop(), no_answer)
    return WaitForRbacPropagation(cast("Arm", Cloud(found)), "ff-contoso-grants", ("grants",)), context


def granted(ago: float) -> Deployment:
    """So many seconds of the target ago."""
    return Deployment("g", "succeeded", ended=datetime.now(UTC) - timedelta(seconds=ago / Nothing.speed))


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
