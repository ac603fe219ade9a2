"""A stage is sent once: succeeded deployments are adopted, running ones followed, deleted resources deployed again."""

import platform
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from typing_extensions import override

from installer.cloud.errors import AzureRefused
from installer.cloud.existence import ExistenceCheck
from installer.cloud.models import Deployment
from installer.cloud.rest import Service
from installer.conventions.naming import INSTALLATION_TAG
from installer.durations import Duration
from installer.engine.events import Event
from installer.engine.step import Context, Question, Record, Stop
from installer.engine.stream import Stream
from installer.estate.parameters import StageSpec
from installer.jsontypes import Json
from installer.secret_store import Secrets
from installer.steps.approved_plan import PLAN_TAG, ApprovedPlan
from installer.steps.deployment import DIGEST_TAG, RUN_TAG, DeployStage
from tests.cloud.no_cloud import TARGET, FakeArm
from tests.engine.scripted_steps import Memory

NAME = "ff-contoso-grants"
OUTPUTS: dict[str, Json] = {}


class Existence(ExistenceCheck):
    """Finds all resources but one."""

    gone_id: str | None = None

    @override
    def first_missing(self, ids: Iterable[str], versions: Mapping[str, str]) -> str | None:
        """The resource that the test deleted."""
        return self.gone_id


class Cloud(FakeArm):
    """Azure with one deployment, which is over when it was asked about so many times."""

    def __init__(self, lasts: int = 2, *, loses_answer: bool = False) -> None:
        super().__init__()
        self.lasts = lasts
        self.loses_answer = loses_answer
        self.found: Deployment | None = None
        self.existing = Existence(Service.of_arm(TARGET))
        self.existence = self.existing
        self.sent: list[Mapping[str, str]] = []

    def deployment(self, name: str) -> Deployment | None:
        """The current state; a running deployment has succeeded at the next read."""
        assert name == NAME
        before = self.found
        self.lasts -= before is not None and before.active
        if before is not None and before.active and self.lasts <= 0:
            self.found = Deployment(NAME, "succeeded", OUTPUTS, before.tags)
        return before

    @override
    def accepted(self, name: str, parameters: Mapping[str, Json], tags: Mapping[str, str]) -> Deployment:
        """Accept it."""
        self.sent.append(tags)
        self.found = Deployment(name, "succeeded", OUTPUTS, dict(tags))
        if self.loses_answer:
            raise AzureRefused("the connection was reset")
        return self.found


def no_answer(question: Question, stop: Stop) -> None:
    """Never answers."""


def stage(cloud: Cloud, value: str = "x") -> DeployStage:
    spec = StageSpec(
        "grants", "grants", None, NAME, "swedencentral", "Grants", (), lambda _outputs: {"registryName": value}
    )
    return DeployStage(cloud, spec, Secrets(), {}, "contoso", Duration(60, 60, 60), ())


def done(cloud: Cloud, value: str = "x") -> tuple[list[Event], Memory]:
    """Check and, if need be, apply, as the engine does."""
    stream, events, memory = Stream(), list[Event](), Memory()
    stream.listen(events.append)
    context = Context("grants", stream, memory, {}, Stop(), no_answer, "contoso-1")
    step = stage(cloud, value)
    if step.check(context) is None:
        step.apply(context)
    return events, memory


def test_a_deployment_is_remembered_before_it_is_sent_with_its_tags() -> None:
    cloud = Cloud()
    _, memory = done(cloud)
    (tags,) = cloud.sent
    assert tags[INSTALLATION_TAG] == "contoso"
    assert tags[RUN_TAG] == f"contoso-1@{platform.node()}"
    assert memory.records == [Record("grants", 1, "begun", NAME, tags[DIGEST_TAG])]


def test_a_run_deploys_what_its_plan_changes_once_although_its_inputs_are_the_same() -> None:
    """Others have changed its resources, which only a plan sees."""

    def planned(cloud: Cloud, run: str, *stages: str) -> list[Event]:
        stream, events = Stream(), list[Event]()
        stream.listen(events.append)
        context = Context("grants", stream, Memory(), {}, Stop(), no_answer, run)
        step = replace(stage(cloud), plan=ApprovedPlan("d" * 64, frozenset(stages)))
        if step.check(context) is None:
            step.apply(context)
        return events

    cloud = Cloud()
    done(cloud)
    planned(cloud, "contoso-2", "another")
    assert len(cloud.sent) == 1
    events = planned(cloud, "contoso-2", "grants")
    assert [event.text for event in events if "the plan changes" in event.text]
    assert cloud.sent[1][PLAN_TAG] == "d" * 32
    planned(cloud, "contoso-2", "grants")  # resumed
    assert len(cloud.sent) == 2
    assert PLAN_TAG not in cloud.sent[0]


def test_a_succeeded_deployment_is_adopted() -> None:
    cloud = Cloud()
    done(cloud)
    done(cloud)
    assert len(cloud.sent) == 1


@pytest.mark.parametrize(("days", "age", "sent"), [(0, 400, 1), (90, 59, 1), (90, 61, 2)])
def test_secrets_that_expire_are_written_again_in_time(days: int, age: int, sent: int) -> None:
    cloud = Cloud()
    for _ in range(2):
        step = stage(cloud)
        step = replace(step, spec=replace(step.spec, secret_days=days))
        stream, memory = Stream(), Memory()
        context = Context("grants", stream, memory, {}, Stop(), no_answer, "contoso-1")
        if step.check(context) is None:
            step.apply(context)
        assert cloud.found is not None
        cloud.found = replace(cloud.found, ended=datetime.now(UTC) - timedelta(days=age) / TARGET.speed)
    assert len(cloud.sent) == sent


def test_a_deployment_of_another_run_is_followed_and_not_sent_again() -> None:
    cloud = Cloud()
    done(cloud)
    assert cloud.found is not None
    cloud.found = Deployment(NAME, "running", tags={**cloud.found.tags, RUN_TAG: "contoso-7@elsewhere"})
    events, _ = done(cloud)
    assert len(cloud.sent) == 1
    assert [event.text for event in events] == [f"{NAME} is running already, sent by contoso-7@elsewhere; following it"]


def test_a_deployment_that_succeeds_after_the_check_is_not_sent_again() -> None:
    cloud = Cloud(lasts=1)
    done(cloud)
    assert cloud.found is not None
    cloud.found = Deployment(NAME, "running", tags=cloud.found.tags)
    done(cloud)
    assert len(cloud.sent) == 1


def test_a_running_deployment_with_other_answers_is_awaited_before_sending() -> None:
    cloud = Cloud()
    done(cloud, "other")
    assert cloud.found is not None
    cloud.found = Deployment(NAME, "running", tags=cloud.found.tags)
    done(cloud)
    assert len(cloud.sent) == 2


def test_a_deployment_whose_response_was_lost_is_adopted_by_the_retry() -> None:
    cloud = Cloud(loses_answer=True)
    with pytest.raises(AzureRefused, match="the connection was reset"):
        done(cloud)
    done(cloud)
    assert len(cloud.sent) == 1


def test_deleted_resources_are_deployed_again() -> None:
    cloud = Cloud()
    done(cloud)
    cloud.existing.gone_id = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/st"
    events, _ = done(cloud)
    assert len(cloud.sent) == 2
    assert events[0].text.startswith("rg/providers/Microsoft.Storage/storageAccounts/st no longer exists")


@pytest.mark.parametrize("state", ["failed", "canceled"])
def test_a_failed_or_cancelled_deployment_is_sent_again(state: str) -> None:
    cloud = Cloud()
    done(cloud)
    assert cloud.found is not None
    cloud.found = Deployment(NAME, state, tags=cloud.found.tags)
    done(cloud)
    assert len(cloud.sent) == 2
