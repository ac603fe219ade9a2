"""Deployments through the real SDK, at subscription and resource group scope."""

import pytest
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError

from installer.emulator.deployments.whatif import _object_delta
from installer.json_access import JsonObject, as_list, as_object, member
from installer.jsontypes import Json
from tests.emulator.sample_templates import account, group, identity, inside, nested, template
from tests.emulator.server_process import API, POLL, Served, deployment

PROVIDER = "providers/Microsoft.Resources/deployments"
OUTPUT: dict[str, Json] = {
    "BLOB_URL": {
        "type": "string",
        "value": "[reference(resourceId('Microsoft.Storage/storageAccounts', 'stsdk001')).primaryEndpoints.blob]",
    }
}
WHOLE = template(
    group("rg-sdk"), nested("inner", inside(account("stsdk001"), identity("id-a"), outputs=OUTPUT), into="rg-sdk")
)


@pytest.fixture(scope="module", autouse=True)
def deployed(azure: Served) -> None:
    azure.deployments.deployments.begin_create_or_update_at_subscription_scope(
        "whole", deployment(WHOLE), polling_interval=POLL
    ).result()


def test_a_subscription_deployment_succeeds_and_can_be_read(azure: Served) -> None:
    found = azure.deployments.deployments.get_at_subscription_scope("whole")
    assert found.properties is not None
    assert found.properties.provisioning_state == "Succeeded"
    made = [str(item.id).rsplit("/", 1)[-1] for item in found.properties.output_resources or []]
    assert made == ["rg-sdk", "stsdk001", "id-a"]
    assert azure.deployments.deployments.check_existence_at_subscription_scope("whole")
    assert not azure.deployments.deployments.check_existence_at_subscription_scope("absent")
    assert "whole" in [item.name for item in azure.deployments.deployments.list_at_subscription_scope()]


def test_nested_deployments_have_their_records_and_operations(azure: Served) -> None:
    inner = azure.deployments.deployments.get("rg-sdk", "inner")
    assert inner.properties is not None
    assert inner.properties.outputs == {
        "bloB_URL": {"type": "String", "value": "https://stsdk001.blob.core.windows.net/"}
    }
    outer = list(azure.deployments.deployment_operations.list_at_subscription_scope("whole"))
    targets = [item.properties.target_resource for item in outer if item.properties is not None]
    assert {item.resource_type for item in targets if item} == {
        "Microsoft.Resources/resourceGroups",
        "Microsoft.Resources/deployments",
    }
    own = list(azure.deployments.deployment_operations.list("rg-sdk", "inner"))
    assert len(own) == 3
    assert own[0].operation_id is not None
    one = azure.deployments.deployment_operations.get("rg-sdk", "inner", own[0].operation_id)
    assert one.id == own[0].id


def test_both_routes_to_group_operations_return_the_same(azure: Served) -> None:
    base = f"{azure.scope}/resourcegroups/rg-sdk"
    old = azure.get(f"{base}/deployments/inner/operations?api-version={API}")
    new = azure.get(f"{base}/{PROVIDER}/inner/operations?api-version={API}")
    assert old == new


def test_validation_lists_the_resources_to_deploy(azure: Served) -> None:
    result = azure.deployments.deployments.begin_validate_at_subscription_scope(
        "checked", deployment(WHOLE), polling_interval=POLL
    ).result()
    assert result.properties is not None
    ids = [item.id for item in result.properties.validated_resources or []]
    assert f"{azure.scope}/resourceGroups/rg-sdk/{PROVIDER}/inner" in ids
    assert not azure.deployments.deployments.check_existence_at_subscription_scope("checked")


def test_an_invalid_template_is_refused_with_text_and_position(azure: Served) -> None:
    wrong = template(group("[nonsense('x')]"))
    with pytest.raises(HttpResponseError) as refused:
        azure.deployments.deployments.begin_validate_at_subscription_scope("wrong", deployment(wrong))
    assert refused.value.status_code == 400
    assert refused.value.error is not None
    assert refused.value.error.code == "InvalidTemplate"
    assert "nonsense" in str(refused.value.message)


def test_what_if_before_and_after(azure: Served) -> None:
    changed = template(
        group("rg-sdk"),
        nested("inner", inside(account("stsdk001", tags={"owner": "me"}), account("stsdk002")), into="rg-sdk"),
    )
    result = azure.deployments.deployments.begin_what_if_at_subscription_scope(
        "whole", deployment(changed), polling_interval=POLL
    ).result()
    assert result.properties is not None
    changes = {str(item.resource_id).rsplit("/", 1)[-1]: item for item in result.properties.changes or []}
    assert {name: item.change_type for name, item in changes.items()} == {
        "rg-sdk": "NoChange",
        "stsdk001": "Modify",
        "stsdk002": "Create",
        "id-a": "Ignore",
    }
    assert [(item.path, item.after) for item in changes["stsdk001"].delta or []] == [("tags", {"owner": "me"})]


def test_the_life_cycle_of_a_group_deployment(azure: Served) -> None:
    client = azure.deployments.deployments
    body = deployment(inside(identity("id-b")), location=None)
    client.begin_create_or_update("rg-sdk", "small", body, polling_interval=POLL).result()
    assert client.check_existence("rg-sdk", "small")
    exported = client.export_template("rg-sdk", "small")
    assert exported.template is not None
    assert exported.template["resources"][0]["name"] == "id-b"
    with pytest.raises(ResourceExistsError) as over:
        client.cancel("rg-sdk", "small")
    assert over.value.status_code == 409
    client.begin_delete("rg-sdk", "small", polling_interval=POLL).result()
    assert not client.check_existence("rg-sdk", "small")
    where = f"{azure.scope}/resourceGroups/rg-sdk/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-b"
    assert azure.resources.resources.get_by_id(where, api_version="2024-11-30").name == "id-b"


def test_a_failed_deployment_reports_its_innermost_cause(azure: Served) -> None:
    wrong = template(
        group("rg-sdk"), nested("bad", inside(account("stsdk001", tags={}), account("Not-A-Name")), into="rg-sdk")
    )
    poller = azure.deployments.deployments.begin_create_or_update_at_subscription_scope(
        "failing", deployment(wrong), polling_interval=POLL
    )
    with pytest.raises(HttpResponseError) as failed:
        poller.result()
    assert "AccountNameInvalid" in str(failed.value)
    found = azure.deployments.deployments.get_at_subscription_scope("failing")
    assert found.properties is not None
    assert found.properties.error is not None
    assert found.properties.error.code == "DeploymentFailed"


def test_missing_resources_return_arms_error_codes(azure: Served) -> None:
    with pytest.raises(ResourceNotFoundError) as absent:
        azure.deployments.deployments.get_at_subscription_scope("absent")
    assert absent.value.error is not None
    assert absent.value.error.code == "DeploymentNotFound"
    with pytest.raises(ResourceNotFoundError) as groupless:
        azure.deployments.deployments.begin_create_or_update("rg-absent", "x", deployment(inside(), location=None))
    assert groupless.value.error is not None
    assert groupless.value.error.code == "ResourceGroupNotFound"


@pytest.mark.parametrize(
    ("name", "code"),
    [("x" * 65, "DeploymentNameLengthLimitExceeded"), ("a%20b", "DeploymentNameInvalidCharacters")],
)
def test_names_that_arm_refuses(azure: Served, name: str, code: str) -> None:
    answer = azure.raw("PUT", f"{azure.scope}/{PROVIDER}/{name}?api-version={API}", body="{}")
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == code


def test_every_put_is_logged_once(azure: Served) -> None:
    seen = azure.get("/rehearsal/requests")["value"]
    assert [(item["name"], item["status"]) for item in seen if item["name"] == "whole"] == [("whole", 201)]
    timeline = {item["name"]: item for item in azure.get("/rehearsal/timeline")["value"]}
    assert timeline["whole"]["seconds"] == pytest.approx(timeline["whole"]["criticalPathSeconds"], rel=0.1)
    assert "inner" not in timeline


def test_what_if_names_members_of_an_element_below_its_index() -> None:
    before: JsonObject = {"list": [{"name": "a", "kept": "by the provider"}, {"name": "b"}, "x"]}
    after: JsonObject = {"list": [{"name": "c"}, {"name": "b"}, "y", "z"]}
    (whole,) = _object_delta("", before, after)
    children = [as_object(one) for one in as_list(member(whole, "children"))]
    assert [(one["path"], one["propertyChangeType"]) for one in children] == [
        ("0", "Modify"),
        ("2", "Modify"),
        ("3", "Create"),
    ]
    inner = [as_object(one) for one in as_list(children[0]["children"])]
    assert [(one["path"], one["propertyChangeType"]) for one in inner] == [("kept", "Delete"), ("name", "Modify")]
