"""Every fault of the catalogue through the installer: transient ones are survived, others explained."""

import json
import re
from collections.abc import Iterator
from typing import Final

import pytest

from installer.cloud.arm import Arm
from installer.cloud.emulator_process import Rehearsal, Seed, start
from installer.cloud.error_explanations import explanation
from installer.durations import Duration
from installer.emulator.faults.catalogue import FaultKind, catalogue
from installer.engine import retry, runner
from installer.engine.events import Event
from installer.engine.runner import Result
from installer.engine.step import Stop
from installer.engine.stream import Stream
from installer.errors import InstallerError
from installer.estate.parameters import StageSpec
from installer.jsontypes import Json
from installer.secret_store import Secrets
from installer.steps import deployment
from installer.steps.deployment import DeployStage
from tests.bicep.answers_variants import SUBSCRIPTION, TENANT
from tests.emulator.sample_templates import group, inside, nested, resource, template
from tests.steps.step_context import SPEED, StepMemory, no_answer

IDENTITY: Final = "Microsoft.ManagedIdentity/userAssignedIdentities"
ALONE: Final = frozenset({"server-restarts", "server-exits", "hanging-deployment", "SubscriptionHasNoUsages"})
"""Those that would concern the others as well, or never end, or that no deployment meets."""
KINDS: Final = {f"flt-{number:03}": kind for number, kind in enumerate(catalogue().values())}
IN_STATE: Final = frozenset({"ResourceGroupBeingDeleted", "ScopeLocked", "InvalidResourceGroupLocation"})
"""Conditions of the state, such as a lock, which prevent no single deployment here: tests/preflight/test_faults.py has them."""
HOSTILE: Final = frozenset(
    {"nested-answer", "array-answer", "wrong-types", "foreign-redirect", "foreign-page", "foreign-poll"}
)
"""Answers that are not asked for again, as whatever gave them will give them again."""
TOGETHER: Final = {
    name: kind for name, kind in KINDS.items() if kind.name not in ALONE | IN_STATE and kind.place != "deletion"
}


def _named(name: str) -> str:
    return KINDS[name].name


def _fault(name: str, kind: FaultKind) -> str:
    """The fault for just one deployment, or for the identity in it."""
    at = name if kind.place in ("resource", "preflight", "deployment") else f"*deployments/{name}*"
    seconds = ",seconds=1" if kind.effect == "stalls" else ""
    return f"{kind.name}:at={at}{seconds}"


def _content(name: str) -> dict[str, Json]:
    """A group with one identity of that name."""
    made = resource(IDENTITY, name, properties={})
    return template(group(f"rg-{name}"), nested(f"n-{name}", inside(made), into=f"rg-{name}"))


def _step(arm: Arm, name: str) -> DeployStage:
    spec = StageSpec(name, name, None, name, "westeurope", name, (), lambda _outputs: {})
    return DeployStage(arm, spec, Secrets(), {}, "faults", Duration(1.0, 1.0, 1.0), ())


def _begun(path: "pytest.TempPathFactory", *faults: str) -> Rehearsal:
    seed = Seed(TENANT, SUBSCRIPTION, tuple(faults), processes=False)
    return start(path.mktemp("azure"), speed=SPEED, seed=seed)


def _bug(error: BaseException) -> InstallerError:
    raise error


def _run(arm: Arm, names: list[str], told: list[Event], stop: Stop | None = None) -> Result:
    stream = Stream()
    stream.listen(told.append)
    steps = [_step(arm, name) for name in names]
    return runner.run(
        steps, stream=stream, memory=StepMemory(), stop=stop or Stop(), answering=no_answer, explain_bug=_bug
    )


@pytest.fixture(scope="module", autouse=True)
def _small() -> Iterator[None]:
    """Small templates, and no waiting between tries."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(deployment, "template", _content)
        patch.setattr(retry, "RETRY_SECONDS", (0.05, 0.1, 0.2, 0.4, 0.8))
        yield


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """An embedded Azure with a fault for each deployment."""
    azure = _begun(tmp_path_factory, *(_fault(name, kind) for name, kind in TOGETHER.items()))
    try:
        yield azure
    finally:
        azure.stop()


@pytest.fixture(scope="module")
def struck(faulty: Rehearsal, _small: None) -> tuple[Result, list[Event]]:
    """One run in which every deployment meets a different fault."""
    told: list[Event] = []
    return _run(Arm(faulty.target, SUBSCRIPTION), list(TOGETHER), told), told


@pytest.mark.parametrize("name", TOGETHER, ids=_named)
def test_it_is_survived_if_it_passes_and_else_explained(name: str, struck: tuple[Result, list[Event]]) -> None:
    result, told = struck
    kind = KINDS[name]
    if kind.name in HOSTILE:
        _check_refusal(name, kind, result)
        return
    if kind.transient:
        assert name in result.outputs, result.failures.get(name)
        return
    failure = result.failures[name]
    assert failure.exit_code == 4
    said = str(failure).splitlines()[0]
    known = explanation(kind.code, said)
    assert known is not None, kind.code
    whole = f"{failure} {json.dumps(getattr(failure, 'detail', {}))}"
    assert kind.code in whole
    innermost = explanation(said.partition(" ")[0].rstrip(":"), said) or known
    assert innermost.remedy in str(failure)
    assert [event.data["exit_code"] for event in told if event.kind == "step.failed" and event.step == name] == [4]


def _check_refusal(name: str, kind: FaultKind, result: Result) -> None:
    """A hostile answer ends the step with the answer and its host; one that the step does not read may pass."""
    if name in result.outputs:
        assert kind.name in {"foreign-page", "foreign-poll", "wrong-types"}, "no read of a deployment is without it"
        return
    failure, first = result.failures[name], str(result.failures[name]).splitlines()[0]
    assert failure.exit_code == 4
    assert not failure.transient
    assert first.isprintable()
    expected = (
        r"another host, elsewhere\.invalid"
        if kind.name.startswith("foreign")
        else r"answered 200 with something else|of another form"
    )
    assert re.search(expected, first), first


def test_what_hostile_answers_have_ended_is_completed_by_another_run(
    struck: tuple[Result, list[Event]], faulty: Rehearsal
) -> None:
    names = [name for name, kind in TOGETHER.items() if kind.effect in {"replaced", "changed"}]
    assert any(name in struck[0].failures for name in names)
    again = _run(Arm(faulty.target, SUBSCRIPTION), names, [])
    assert set(again.outputs) == set(names), again.failures


@pytest.mark.parametrize("fault", ["server-restarts", "server-exits"])
def test_an_embedded_azure_that_dies_comes_back_and_the_run_survives_it(
    fault: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    azure = _begun(tmp_path_factory, f"{fault}:at=*flt-alone*,seconds=0.1")
    told: list[Event] = []
    try:
        result = _run(Arm(azure.target, SUBSCRIPTION), ["flt-alone"], told)
    finally:
        azure.stop()
    assert "flt-alone" in result.outputs, result.failures
    assert [event.kind for event in told if event.kind.startswith("step.")] == ["step.started", "step.finished"]


class _CancelledAtSight(list[Event]):
    """Record the events, and cancel at the first started resource."""

    def __init__(self, stop: Stop) -> None:
        super().__init__()
        self._stop = stop

    def append(self, event: Event) -> None:
        super().append(event)
        if event.kind == "resource.started":
            self._stop.request(cancel_deployments=True)


def test_a_resource_that_hangs_for_ever_does_not_keep_a_cancel_from_ending(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    azure = _begun(tmp_path_factory, "hanging-deployment:at=flt-alone")
    stop = Stop()
    told = _CancelledAtSight(stop)
    try:
        result = _run(Arm(azure.target, SUBSCRIPTION), ["flt-alone"], told, stop)
        found = Arm(azure.target, SUBSCRIPTION).deployment("flt-alone")
    finally:
        azure.stop()
    assert result.exit_code == 130
    assert found is not None
    assert found.state == "canceled"
    left = [event.text for event in told if event.kind == "log"]
    assert left[-1] == "Azure is still working on flt-alone and will complete it"


def test_every_fault_has_its_place_here() -> None:
    rest = {kind.name for name, kind in KINDS.items() if name not in TOGETHER}
    assert rest == {*ALONE, *IN_STATE, "InUseSubnetCannotBeDeleted"}
    for code in ("SubscriptionHasNoUsages", "InUseSubnetCannotBeDeleted"):
        assert explanation(code) is not None, "nothing that an installation does meets it, but explain knows it"
