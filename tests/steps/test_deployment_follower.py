"""Following a deployment: changes are reported once, polls are not wasted, and outages and stops are handled."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from typing_extensions import override

from installer.cloud.arm import Arm
from installer.cloud.errors import AzureRefused
from installer.cloud.models import Deployment, Operation
from installer.cloud.rate_limit import RateLimiter
from installer.engine.events import Event
from installer.engine.step import Context, Question, Stop
from installer.engine.stream import Stream
from installer.errors import Interrupted
from installer.steps import deployment_follower
from installer.steps.deployment_follower import Follower
from tests.cloud.no_cloud import TARGET
from tests.steps.step_context import StepMemory

NEST = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Resources/deployments/nest"


def account(name: str, state: str) -> Operation:
    return Operation(f"o-{name}", state, f"/x/{name}", "Microsoft.Storage/storageAccounts", name)


def nest(state: str, at: str = NEST) -> Operation:
    return Operation("o-nest", state, at, "Microsoft.Resources/deployments", "nest")


@dataclass(frozen=True)
class Moment:
    """Responses of Azure at one moment: the deployment, its operations, and those of the nested one."""

    state: str
    outer: Sequence[Operation] = ()
    inner: Sequence[Operation] = ()


class NoRateLimit(RateLimiter):
    """Grants every read immediately."""

    @override
    def real(self, seconds: float) -> float:
        return 0.0

    def wait(self) -> float:
        return 0.0


class Cloud(Arm):
    """Advances by one moment with every poll of the outermost operations; the last one stays."""

    def __init__(
        self,
        moments: list[Moment],
        refusals: Sequence[AzureRefused] = (),
        *,
        after_cancel: Moment | None = None,
        gone: bool = False,
    ) -> None:
        super().__init__(TARGET, "s")
        self.pacer = NoRateLimit()
        self.moments = moments
        self.refusals = list(refusals)
        self.after_cancel = after_cancel
        self.gone = gone
        self.asked: list[str] = []
        self.cancelled: list[str] = []
        self.now = -1

    def operations(self, name: str, nested: str | None = None) -> list[Operation]:
        self.asked.append("inner" if nested else name)
        if self.refusals:
            raise self.refusals.pop(0)
        if nested is None:
            self.now = min(self.now + 1, len(self.moments) - 1)
            return list(self.moments[self.now].outer)
        return list(self.moments[self.now].inner)

    def deployment(self, name: str) -> Deployment | None:
        self.asked.append("deployment")
        return None if self.gone else Deployment(name, self.moments[self.now].state)

    def cancel(self, name: str, nested: str | None = None) -> None:
        self.cancelled.append(nested or name)
        if self.after_cancel is not None and nested is not None:
            self.moments.append(self.after_cancel)


def no_answer(question: Question, stop: Stop) -> None:
    """Never answers."""


def follower(cloud: Cloud, stop: Stop | None = None) -> tuple[Follower, list[Event]]:
    stream, events = Stream(), list[Event]()
    stream.listen(events.append)
    context = Context("data", stream, StepMemory(), {}, stop or Stop(), no_answer)
    return Follower(cloud, context, "d"), events


def told(events: list[Event]) -> list[tuple[str, str]]:
    return [(event.kind, event.resource) for event in events if event.kind.startswith("resource.")]


def test_each_change_is_reported_once_and_finished_deployments_are_not_polled() -> None:
    running = nest("running")
    cloud = Cloud(
        [
            Moment("running"),
            Moment("running", [running], [account("a", "running")]),
            Moment("running", [nest("succeeded")], [account("a", "succeeded"), account("b", "succeeded")]),
            *[Moment("running", [nest("succeeded"), account("c", "running")])] * 5,
            Moment("succeeded", [nest("succeeded"), account("c", "succeeded")]),
        ]
    )
    it, events = follower(cloud)
    assert it.outcome().state == "succeeded"
    assert told(events) == [
        ("resource.started", "a"),
        ("resource.finished", "a"),
        ("resource.finished", "b"),
        ("resource.started", "c"),
        ("resource.finished", "c"),
    ]
    assert cloud.asked.count("inner") == 2
    assert cloud.asked.count("deployment") < cloud.asked.count("d")


def test_a_nested_failure_is_reported_with_its_cause() -> None:
    broken = Operation("o", "failed", "/x/a", "t/t", "a", {"code": "QuotaExceeded", "message": "none left"})
    it, events = follower(Cloud([Moment("failed", [broken])]))
    assert it.outcome().state == "failed"
    (event,) = [event for event in events if event.kind == "resource.failed"]
    assert event.text == "QuotaExceeded: none left"


def test_failing_requests_are_retried_with_a_single_warning() -> None:
    silent = [AzureRefused("no network"), AzureRefused("busy", status=503)]
    it, events = follower(Cloud([Moment("succeeded", [account("a", "succeeded")])], silent))
    assert it.outcome().state == "succeeded"
    warnings = [event.text for event in events if event.kind == "warning"]
    assert warnings == ["Azure cannot be queried at the moment; retrying: no network"]


def test_an_expired_sign_in_leaves_time_to_sign_in_again() -> None:
    out = [AzureRefused("Azure did not accept the sign-in", status=401)]
    it, events = follower(Cloud([Moment("succeeded", [account("a", "succeeded")])], out))
    assert it.outcome().state == "succeeded"
    (warning,) = [event.text for event in events if event.kind == "warning"]
    assert warning.endswith("Azure did not accept the sign-in; sign in again in another terminal")


def test_patience_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deployment_follower, "PATIENCE_SECONDS", 0.0)
    monkeypatch.setattr(deployment_follower, "MIN_PATIENCE_SECONDS", 0.0)
    it, _ = follower(Cloud([Moment("running")], [AzureRefused("no network")] * 3))
    with pytest.raises(AzureRefused, match="no network"):
        it.outcome()


def test_a_refusal_that_does_not_pass_ends_it_at_once() -> None:
    cloud = Cloud([Moment("running")], [AzureRefused("forbidden", status=403)])
    it, _ = follower(cloud)
    with pytest.raises(AzureRefused, match="forbidden"):
        it.outcome()
    assert cloud.asked == ["d"]


def test_a_deleted_deployment_can_be_sent_again() -> None:
    it, _ = follower(Cloud([Moment("running")], gone=True))
    with pytest.raises(Interrupted, match="it was deleted while it ran"):
        it.outcome()


def test_a_stop_leaves_it_running() -> None:
    stop = Stop()
    stop.request()
    cloud = Cloud([Moment("running", [account("a", "running")])])
    it, _ = follower(cloud, stop)
    with pytest.raises(Interrupted, match="left running in Azure"):
        it.outcome()
    assert cloud.cancelled == []


def test_a_cancel_goes_inside_and_is_followed_to_the_end() -> None:
    stop = Stop()
    stop.request(cancel_deployments=True)
    cloud = Cloud(
        [
            Moment("running", [nest("running")], [account("a", "running")]),
            Moment("canceled", [nest("running")], [account("a", "running")]),
        ],
        after_cancel=Moment("canceled", [nest("canceled")], [account("a", "succeeded")]),
    )
    it, events = follower(cloud, stop)
    with pytest.raises(Interrupted, match=r"was cancelled on request$"):
        it.outcome()
    assert cloud.cancelled == ["d", NEST]
    assert ("resource.finished", "a") in told(events)


def test_operations_in_progress_at_a_cancel_are_named_and_not_awaited() -> None:
    stop = Stop()
    stop.request(cancel_deployments=True)
    cloud = Cloud([Moment("running", [account("a", "running")]), Moment("canceled", [account("a", "running")])])
    it, events = follower(cloud, stop)
    with pytest.raises(Interrupted, match="on request; Azure is still working on 1 of its resources"):
        it.outcome()
    assert events[-1].text == "Azure is still working on a and will complete it"


def test_a_failed_cancel_request_is_retried() -> None:
    stop = Stop()
    stop.request(cancel_deployments=True)
    cloud = Cloud([Moment("running"), Moment("canceled")])
    answers = [AzureRefused("no network"), None]

    def cancel(name: str, nested: str | None = None) -> None:
        cloud.cancelled.append(nested or name)
        if refused := answers.pop(0):
            raise refused

    cloud.cancel = cancel  # type: ignore[method-assign]
    it, _ = follower(cloud, stop)
    with pytest.raises(Interrupted, match="was cancelled on request"):
        it.outcome()
    assert cloud.cancelled == ["d", "d"]


ASSIGNMENT = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/st/providers/Microsoft.Authorization/roleAssignments/"
SETTINGS = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/st/providers/Microsoft.Insights/diagnosticSettings/"
WORKBOOK = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Insights/workbooks/"
GUID = "bd118dc9-7895-5111-b977-7e7817edfc7a"


@pytest.mark.parametrize(
    ("resource", "kind", "known", "shown"),
    [
        (ASSIGNMENT + GUID, "Microsoft.Authorization/roleAssignments", "Reader for ada on st", "Reader for ada on st"),
        (ASSIGNMENT + GUID, "Microsoft.Authorization/roleAssignments", "", "role assignment on st"),
        (SETTINGS + "to-workspace", "Microsoft.Insights/diagnosticSettings", "", "diagnostic settings of st"),
        (WORKBOOK + GUID, "Microsoft.Insights/workbooks", "Runs", "Runs"),
        (WORKBOOK + GUID, "Microsoft.Insights/workbooks", "", GUID),
    ],
)
def test_a_resource_whose_name_says_nothing_is_reported_by_its_title(
    resource: str, kind: str, known: str, shown: str
) -> None:
    name = resource.rpartition("/")[2]
    one = Operation("1", "succeeded", resource, kind, name)
    it, events = follower(Cloud([Moment("succeeded", [one])]))
    it.titles = lambda: {resource.lower(): known} if known else {}
    it.outcome()
    assert told(events) == [("resource.finished", shown)]
    assert events[0].data["id"] == resource
