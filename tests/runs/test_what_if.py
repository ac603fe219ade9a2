"""Plans of a run: Azure is only queried for stages that already exist."""

from collections.abc import Mapping

import pytest
from typing_extensions import override

from installer.answers.files import load
from installer.cloud.arm import Arm
from installer.cloud.models import Deployment
from installer.estate.parameters import stages
from installer.estate.resources import estate
from installer.jsontypes import Json
from installer.runs.what_if import make_plan
from tests.answers.answers_files import FOLDER
from tests.bicep.answers_variants import OTHER, SUBSCRIPTION, answers
from tests.cloud.no_cloud import TARGET

ANSWERS = load(FOLDER / "prod.yaml").answers
GROUPS = {r.name.lower() for s in estate(ANSWERS) for r in s.resources if r.type.endswith("/resourceGroups")}


class Asked(Arm):
    """A cloud with some resource groups in it, that finds everything unchanged."""

    def __init__(self, groups: set[str], *subscriptions: str) -> None:
        super().__init__(TARGET, ANSWERS.subscription.subscription)
        self._groups = groups
        self._known = subscriptions or (ANSWERS.subscription.subscription,)
        self.asked: list[str] = []

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
        assert name
        return None

    @override
    def what_if(
        self, name: str, *, location: str, template: Mapping[str, Json], parameters: Mapping[str, Json]
    ) -> list[dict[str, Json]]:
        self.asked.append(name)
        resource = f"/subscriptions/s/resourceGroups/{min(self._groups)}"
        return [{"changeType": "NoChange", "resourceId": resource}, {"changeType": "Ignore", "resourceId": "/x"}]


def test_in_an_empty_subscription_everything_is_created_without_queries() -> None:
    arm = Asked(set())
    plan = make_plan(ANSWERS, arm)
    assert arm.asked == []
    assert plan.counts == {"create": sum(len(stage.resources) for stage in estate(ANSWERS))}
    assert plan.usual > 0


def test_existing_stages_are_all_compared_with_azure() -> None:
    arm = Asked(GROUPS)
    plan = make_plan(ANSWERS, arm)
    assert arm.asked == [stage.spec.deployment_name for stage in estate(ANSWERS)]
    assert plan.counts == {"same": len(arm.asked)}
    assert {(change.type, change.group) for change in plan.changes} == {("Microsoft.Resources/resourceGroups", "")}
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
