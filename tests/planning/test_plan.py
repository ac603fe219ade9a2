"""Plans of a run: Azure is only queried for stages that already exist."""

import json
import threading
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
from installer.estate.parameters.context import Installation
from installer.estate.parameters.prefect_api import PREFECT_AUTH
from installer.estate.parameters.secret_marks import SECRET_MARKS, mark_of
from installer.estate.resources import estate, namespaces
from installer.jsontypes import Json
from installer.planning.existing_state import states_of
from installer.planning.make import Known, make_plan
from installer.planning.model import Change, Plan
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

    @override
    def registrations(self, subscription: str) -> dict[str, str]:
        return {}

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


def test_what_is_in_the_group_of_an_environment_belongs_to_it_whichever_stage_makes_it() -> None:
    it = Installation(ANSWERS)
    plan = make_plan(ANSWERS, Asked(set()))
    for site in it.sites:
        group = it.names.group(site.name)
        own = [one for one in plan.changes if group in (one.group, one.name)]
        assert {one.environment for one in own} == {site.name}
        assert it.names.key_vault(site.name) in {one.name for one in own}
    assert {one.environment for one in plan.changes if one.group == it.names.platform_group} == {""}


def test_an_environment_that_the_run_leaves_as_it_is_has_no_part_in_the_plan() -> None:
    whole = make_plan(ANSWERS, Asked(set()))
    kept, other = ANSWERS.subscription.environments[:2]
    plan = make_plan(ANSWERS, Asked(set()), known=Known(kept=(kept,)))
    stages = {one.stage for one in plan.changes}
    assert stages == {one.stage for one in whole.changes if not one.stage.endswith(f"-{kept}")}
    assert {f"runtime-{other}", f"register-{other}", "data"} <= stages
    assert plan.counts["create"] < whole.counts["create"]


def test_existing_stages_are_all_compared_with_azure() -> None:
    arm = Asked(GROUPS)
    plan = make_plan(ANSWERS, arm)
    assert sorted(arm.asked) == sorted(stage.spec.deployment_name for stage in estate(ANSWERS))
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


MISSING = next(name for name in sorted(GROUPS) if name.endswith("-prod"))
SEEN = next(
    one
    for stage in estate(ANSWERS)
    for one in stage.resources
    if one.type == "Microsoft.Network/networkSecurityGroups" and one.group.lower() in GROUPS - {MISSING}
)


class Partly(Asked):
    """A cloud with one of two groups of a stage, and a resource of it in that group.

    Args:
        state: Its state; or the refusal of the reads of it.

    """

    def __init__(self, state: dict[str, Json] | AzureRefused) -> None:
        super().__init__(GROUPS - {MISSING})
        self.state = state

    @override
    def read(self, resource_id: str, api_version: str) -> dict[str, Json] | None:
        if resource_id != SEEN.id:
            return None
        if isinstance(self.state, AzureRefused):
            raise self.state
        return {"id": resource_id, **self.state}


def seen_in(plan: Plan) -> Change:
    (found,) = [change for change in plan.changes if change.id == SEEN.id]
    return found


def test_the_state_of_what_exists_binds_a_plan_although_azure_cannot_be_asked_what_would_change() -> None:
    def made(**state: Json) -> tuple[str, str]:
        plan = make_plan(ANSWERS, Partly(state))
        assert any("existing resource of it" in text for text in plan.not_checked)
        return plan.digest, seen_in(plan).change

    closed, word = made(etag="1", properties={"securityRules": [], "provisioningState": "Succeeded"})
    again, _ = made(etag="2", properties={"securityRules": [], "provisioningState": "Updating"})
    opened, _ = made(etag="1", properties={"securityRules": [{"name": "theirs"}]})
    assert word == "unknown"
    assert closed == again != opened


@pytest.mark.parametrize(
    ("status", "code"),
    [(403, "AuthorizationFailed"), (405, "MethodNotAllowed"), (400, "NoRegisteredProviderFound")],
)
def test_what_cannot_be_read_is_not_checked_and_not_taken_for_missing(status: int, code: str) -> None:
    plan = make_plan(ANSWERS, Partly(AzureRefused(code, status=status, error={"code": code, "message": "no"})))
    assert seen_in(plan).change == "unknown"
    reason = "this account may not read it" if status == 403 else code
    assert any(SEEN.name in text and text.endswith(reason) for text in plan.not_checked), plan.not_checked


@pytest.mark.parametrize("status", [0, 401, 408, 429, 500, 503])
def test_azure_that_gives_no_answer_about_a_resource_ends_the_plan(status: int) -> None:
    with pytest.raises(AzureRefused, match="no answer"):
        make_plan(ANSWERS, Partly(AzureRefused("no answer", status=status)))


@pytest.mark.parametrize(
    ("status", "code"), [(404, "ParentResourceNotFound"), (409, "MissingSubscriptionRegistration")]
)
def test_what_azure_does_not_find_or_cannot_have_is_created(status: int, code: str) -> None:
    class ByService(Partly):
        @override
        def read(self, resource_id: str, api_version: str) -> dict[str, Json] | None:
            try:
                return super().read(resource_id, api_version)
            except AzureRefused as refused:
                if refused.status == 404:  # as Arm.read
                    return None
                raise

    plan = make_plan(ANSWERS, ByService(AzureRefused(code, status=status, error={"code": code, "message": "no"})))
    assert seen_in(plan).change == "create"
    assert not any(SEEN.name in text for text in plan.not_checked)


def test_resources_are_read_side_by_side() -> None:
    class Together(Asked):
        meet = threading.Barrier(4)

        @override
        def read(self, resource_id: str, api_version: str) -> dict[str, Json] | None:
            self.meet.wait(10)  # one after the other would end here with an error
            return {"id": resource_id}

    (stage,) = [one for one in estate(ANSWERS) if SEEN in one.resources]
    assert len(states_of(Together(GROUPS), stage.resources[:4]).found) == 4


def test_what_if_is_asked_side_by_side_and_the_plan_has_the_order_of_the_stages() -> None:
    class Late(Asked):
        meet = threading.Barrier(2)
        last = threading.Event()

        @override
        def what_if(
            self, name: str, *, location: str, template: Mapping[str, Json], parameters: Mapping[str, Json]
        ) -> list[dict[str, Json]]:
            if name in names[:2]:
                self.meet.wait(10)  # one after the other would end here with an error
            if name == names[0]:
                assert self.last.wait(10)
            if name == names[-1]:
                self.last.set()
            self.asked.append(name)
            return [{"changeType": "Create", "resourceId": f"/subscriptions/s/resourceGroups/{name}"}]

    names = [stage.spec.deployment_name for stage in estate(ANSWERS)]
    arm = Late(GROUPS)
    plan = make_plan(ANSWERS, arm)
    assert [one.name for one in plan.changes if one.family == "azure"] == names
    assert arm.last.is_set()


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


def test_the_duration_is_that_of_the_stages_that_change() -> None:
    class OneStage(Asked):
        @override
        def what_if(
            self, name: str, *, location: str, template: Mapping[str, Json], parameters: Mapping[str, Json]
        ) -> list[dict[str, Json]]:
            kind = "Create" if name == changed.spec.deployment_name else "NoChange"
            return [{"changeType": kind, "resourceId": f"/subscriptions/s/resourceGroups/{name}"}]

    changed = next(stage for stage in estate(ANSWERS) if stage.spec.key == keys.DATA)
    plan = make_plan(ANSWERS, OneStage(GROUPS))
    assert (plan.usual, plan.low, plan.high) == (changed.usual, changed.duration.low, changed.duration.high)
    assert 0 < plan.usual < make_plan(ANSWERS, Asked(set())).usual


def test_providers_that_the_run_registers_are_named() -> None:
    class Registered(Asked):
        @override
        def registrations(self, subscription: str) -> dict[str, str]:
            if refused:
                raise AzureRefused("no", status=403)
            return {**dict.fromkeys(map(str.lower, needed[1:]), "Registered"), needed[0].lower(): "NotRegistered"}

    needed, refused = namespaces(estate(ANSWERS)), False
    assert make_plan(ANSWERS, Registered(GROUPS)).registers == (needed[0],)
    refused = True
    plan = make_plan(ANSWERS, Registered(GROUPS))
    assert plan.registers == ()
    assert any("registered" in text for text in plan.not_checked)


@pytest.mark.parametrize(
    ("status", "code", "message", "told"),
    [
        (409, "MissingSubscriptionRegistration", "not registered", "until then"),
        (
            403,
            "AuthorizationFailed",
            "The client 'a' does not have authorization to perform action 'Microsoft.Resources/deployments/whatIf/action'",
            "as this account may not ask what-if",
        ),
    ],
)
def test_without_an_answer_of_what_if_what_exists_is_not_created(
    status: int, code: str, message: str, told: str
) -> None:
    """A provider may be missing for one resource of several, and a reader may read the resources."""

    class WithOne(Asked):
        @override
        def what_if(
            self, name: str, *, location: str, template: Mapping[str, Json], parameters: Mapping[str, Json]
        ) -> list[dict[str, Json]]:
            raise AzureRefused(code, status=status, error={"code": code, "message": message})

        @override
        def read(self, resource_id: str, api_version: str) -> dict[str, Json] | None:
            return {"id": resource_id} if resource_id == SEEN.id else None

    plan = make_plan(ANSWERS, WithOne(GROUPS))
    assert plan.findings == ()
    assert seen_in(plan).change == "unknown"
    assert {one.change for one in plan.changes if one.family == "azure" and one.id != SEEN.id} == {"create"}
    assert len([one for one in plan.changes if one.family == "azure"]) > 100
    assert any(text.endswith(told) or told in text for text in plan.not_checked if "existing resource" in text)
