"""Plans of a run: Azure is only queried for stages that already exist."""

import json
from collections.abc import Mapping

import pytest
from typing_extensions import override

from installer.answers.files import load
from installer.cloud.arm import Arm
from installer.cloud.errors import AzureRefused
from installer.cloud.models import Deployment
from installer.cloud.rest import Method, Response
from installer.estate import keys
from installer.estate.parameters import stages
from installer.estate.parameters.prefect_api import PREFECT_AUTH
from installer.estate.parameters.secret_marks import SECRET_MARKS, mark_of
from installer.estate.resources import estate
from installer.jsontypes import Json
from installer.planning.make import make_plan
from installer.steps.secret_fingerprints import FINGERPRINT_TAG, to_tag
from tests.answers.answers_files import FOLDER
from tests.bicep.answers_variants import OTHER, SUBSCRIPTION, answers
from tests.cloud.no_cloud import TARGET, FakeService

ANSWERS = load(FOLDER / "prod.yaml").answers
GROUPS = {r.name.lower() for s in estate(ANSWERS) for r in s.resources if r.type.endswith("/resourceGroups")}


class Nothing(FakeService):
    """A service in which nothing exists."""

    @override
    def reply(self, method: Method, path: str, body: Mapping[str, Json] | None, doing: str) -> Response:
        if "/resources?" in path:
            return Response(200, {"value": []})
        raise AzureRefused(doing, status=404, error={"code": "NotFound", "message": path})


class Asked(Arm):
    """A cloud with some resource groups in it, that finds everything unchanged."""

    def __init__(self, groups: set[str], *subscriptions: str) -> None:
        super().__init__(TARGET, ANSWERS.subscription.subscription)
        self._groups = groups
        self._known = subscriptions or (ANSWERS.subscription.subscription,)
        self.asked: list[str] = []
        self.sent: dict[str, dict[str, Json]] = {}
        self.deployed: dict[str, Deployment] = {}
        self.service = self.graph = Nothing()

    def groups(self, subscription: str) -> set[str]:
        return self._groups if subscription in self._known else set()

    def read(self, resource_id: str, api_version: str) -> dict[str, Json] | None:
        assert resource_id.startswith("/subscriptions/")
        assert api_version
        return None

    @override
    def list_values(self, resource_id: str, api_version: str, action: str) -> dict[str, Json] | None:
        assert resource_id.startswith("/subscriptions/")
        assert api_version
        assert action
        return None

    def deployment(self, name: str) -> Deployment | None:
        return self.deployed.get(name)

    @override
    def what_if(
        self, name: str, *, location: str, template: Mapping[str, Json], parameters: Mapping[str, Json]
    ) -> list[dict[str, Json]]:
        self.asked.append(name)
        self.sent[name] = dict(parameters)
        resource = f"/subscriptions/s/resourceGroups/{min(self._groups)}"
        return [{"changeType": "NoChange", "resourceId": resource}, {"changeType": "Ignore", "resourceId": "/x"}]


def test_in_an_empty_subscription_everything_is_created_without_queries() -> None:
    arm = Asked(set())
    plan = make_plan(ANSWERS, arm)
    assert arm.asked == []
    azure = [change for change in plan.changes if change.family in ("azure", "secret")]
    assert {change.change for change in plan.changes} <= {"create", "unknown"}
    assert len(azure) == sum(len(stage.resources) for stage in estate(ANSWERS))
    assert plan.usual > 0


def test_existing_stages_are_all_compared_with_azure() -> None:
    arm = Asked(GROUPS)
    plan = make_plan(ANSWERS, arm)
    assert arm.asked == [stage.spec.deployment_name for stage in estate(ANSWERS)]
    azure = [change for change in plan.changes if change.family == "azure"]
    assert [change.change for change in azure] == ["same"] * len(arm.asked)
    assert {(change.type, change.group) for change in azure} == {("Microsoft.Resources/resourceGroups", "")}
    assert plan.usual == 0.0


@pytest.mark.parametrize("missing", sorted(GROUPS))
def test_a_stage_in_a_missing_resource_group_only_creates(missing: str) -> None:
    arm = Asked(GROUPS - {missing})
    make_plan(ANSWERS, arm)
    for stage in estate(ANSWERS):
        needed = {resource.group.lower() for resource in stage.resources if resource.group}
        makes = {resource.name.lower() for resource in stage.resources if not resource.group}
        can_be_asked = bool(needed - {missing}) and (missing not in needed or missing in makes)
        assert (stage.spec.deployment_name in arm.asked) is can_be_asked, stage.spec.key


def test_resource_groups_are_listed_in_their_own_subscription() -> None:
    moved = answers("dev", "prod", own={"prod": {"subscription": OTHER}})
    there = {r.name.lower() for s in estate(moved) for r in s.resources if r.type.endswith("/resourceGroups")}
    here_only, both = Asked(there, SUBSCRIPTION), Asked(there, SUBSCRIPTION, OTHER)
    for arm in (here_only, both):
        make_plan(moved, arm)
    own = {spec.deployment_name for spec in stages(moved) if spec.environment == "prod"}
    assert own.isdisjoint(here_only.asked)
    assert own <= set(both.asked)


def test_apps_are_compared_with_the_marks_of_the_secrets_that_were_written() -> None:
    arm, fingerprints = Asked(GROUPS), {PREFECT_AUTH: "0123"}
    for stage in estate(ANSWERS):
        if stage.spec.into_vault:
            name = stage.spec.deployment_name
            arm.deployed[name] = Deployment(name, "succeeded", tags={FINGERPRINT_TAG: to_tag(fingerprints)})
    make_plan(ANSWERS, arm)
    mark = mark_of({keys.secrets("prod"): {SECRET_MARKS: dict[str, Json](fingerprints)}}, "prod", [PREFECT_AUTH])
    assert mark
    for spec in stages(ANSWERS):
        if spec.key == keys.control_plane("prod"):
            assert mark in json.dumps(arm.sent[spec.deployment_name])


class Partly(Asked):
    """A cloud with one of two groups of a stage, and a resource of it in that group."""

    def __init__(self, missing: str, state: dict[str, Json]) -> None:
        super().__init__(GROUPS - {missing})
        self.state = state
        self.seen: list[str] = []

    @override
    def read(self, resource_id: str, api_version: str) -> dict[str, Json] | None:
        if not self.seen and "/providers/Microsoft.Network/networkSecurityGroups/" in resource_id:
            self.seen.append(resource_id)
        return {"id": resource_id, **self.state} if resource_id in self.seen else None


def test_the_state_of_what_exists_binds_a_plan_although_azure_cannot_be_asked_what_would_change() -> None:
    missing = next(name for name in sorted(GROUPS) if name.endswith("-prod"))

    def made(**state: Json) -> tuple[str, str]:
        arm = Partly(missing, state)
        plan = make_plan(ANSWERS, arm)
        (seen,) = arm.seen
        (word,) = {change.change for change in plan.changes if change.id == seen}
        assert any("existing resource of it" in text for text in plan.not_checked)
        return plan.digest, word

    closed, word = made(etag="1", properties={"securityRules": [], "provisioningState": "Succeeded"})
    again, _ = made(etag="2", properties={"securityRules": [], "provisioningState": "Updating"})
    opened, _ = made(etag="1", properties={"securityRules": [{"name": "theirs"}]})
    assert word == "unknown"
    assert closed == again != opened


class Refusing(Asked):
    """A cloud that refuses what-if, or reads of settings, with a code."""

    def __init__(self, code: str, status: int, *, reads: bool = False) -> None:
        super().__init__(GROUPS)
        self.refusal = AzureRefused(code, status=status, error={"code": code, "message": "no"})
        self.reads = reads

    @override
    def what_if(
        self, name: str, *, location: str, template: Mapping[str, Json], parameters: Mapping[str, Json]
    ) -> list[dict[str, Json]]:
        if not self.reads:
            raise self.refusal
        return super().what_if(name, location=location, template=template, parameters=parameters)

    @override
    def list_values(self, resource_id: str, api_version: str, action: str) -> dict[str, Json] | None:
        if self.reads:
            raise self.refusal
        return None


def test_a_provider_that_the_run_registers_is_no_finding() -> None:
    plan = make_plan(ANSWERS, Refusing("MissingSubscriptionRegistration", 409))
    assert plan.findings == ()
    assert any("has registered the resource providers" in text for text in plan.not_checked)
    assert {change.change for change in plan.changes if change.family == "azure"} == {"create"}
    assert make_plan(ANSWERS, Refusing("RequestDisallowedByPolicy", 403)).blocks


def test_settings_that_may_not_be_read_leave_a_plan() -> None:
    plan = make_plan(ANSWERS, Refusing("AuthorizationFailed", 403, reads=True))
    assert any("settings of others cannot be read" in text for text in plan.not_checked)
    assert plan.findings == ()
