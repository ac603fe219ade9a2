"""The plan has a line for each resource that a run deletes beside its deployments, and no other such line."""

from dataclasses import replace
from pathlib import Path

from installer.answers.files import load
from installer.emulator.state.resources import Resource
from installer.estate import keys
from installer.estate.parameters.principals import principals_of
from installer.planning.make import make_plan
from installer.planning.model import Plan
from installer.planning.sealed import read_plan
from tests.answers.answers_files import FOLDER
from tests.planning.local_arm import LocalArm, installed

APPS = load(FOLDER / "container-apps.yaml").answers
ASSIGNMENT = "Microsoft.Authorization/roleAssignments"
SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"


def granted(vault: Resource, principal: str, role: str) -> Resource:
    """A role assignment at a whole vault."""
    name = f"{role[:8]}-0000-4000-8000-{principal[-12:]}"
    place = f"{vault.id}/providers/{ASSIGNMENT}/{name}"
    definition = f"/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/{role}"
    return replace(
        vault,
        id=place,
        type=ASSIGNMENT,
        name=name,
        desired={"properties": {"principalId": principal, "roleDefinitionId": definition, "scope": vault.id}},
        computed={},
    )


def deleted(plan: Plan) -> dict[str, str]:
    return {one.id: one.stage for one in plan.changes if one.change == "delete"}


def test_roles_and_apps_that_a_run_removes_are_announced_and_those_that_stay_are_not(tmp_path: Path) -> None:
    estate = installed(tmp_path, APPS)
    arm = LocalArm(estate.azure, APPS.subscription.subscription)
    store = estate.azure.emulator.resources
    assert deleted(make_plan(APPS, arm)) == {}

    vault = next(one for one in store.of_type("Microsoft.KeyVault/vaults") if one.name.endswith("-qa"))
    own = principals_of(estate.outputs, "qa")["worker"].object_id
    former = granted(vault, own, SECRETS_USER)
    others = (granted(vault, own, READER), granted(vault, "00000000-0000-4000-8000-0000000000aa", SECRETS_USER))
    server = next(one for one in store.of_type("Microsoft.App/containerApps") if one.name == "ca-tailwind-qa-prefect")
    services = replace(server, id=server.id.replace("-prefect", "-services"), name="ca-tailwind-qa-services")
    for one in (former, *others, services):
        store.save(one)

    plan = make_plan(APPS, arm)
    assert deleted(plan) == {former.id: keys.FORMER_ROLES, services.id: keys.former_services("qa")}
    assert not any(services.name in text for text in plan.left_over)
    (tmp_path / "plan.json").write_text(plan.to_json(), encoding="utf-8")
    store.remove(services.id)
    (moved,) = read_plan(tmp_path / "plan.json")._moved(make_plan(APPS, arm))
    assert moved == f"{services.id.lower()}: planned: delete, now: not in the plan"
    arm.close()
    estate.azure.database.close()


def test_an_environment_that_is_being_added_has_nothing_to_remove(tmp_path: Path) -> None:
    estate = installed(tmp_path, APPS)
    arm = LocalArm(estate.azure, APPS.subscription.subscription)
    where = APPS.subscription.model_copy(update={"environments": ["dev", *APPS.subscription.environments]})
    plan, before = make_plan(APPS.model_copy(update={"subscription": where}), arm), make_plan(APPS, arm)
    assert deleted(plan) == {}
    made = {one.id for one in before.changes if one.change == "create"}
    added = [one for one in plan.changes if one.change == "create" and one.id not in made]
    assert [(one.id, one.environment) for one in added if one.environment not in ("dev", "")] == []
    assert {"rg-ff-tailwind-dev", "id-ff-tailwind-dev-worker"} <= {one.name for one in added}
    arm.close()
    estate.azure.database.close()
