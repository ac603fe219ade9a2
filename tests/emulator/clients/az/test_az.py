"""Typical commands of an administrator with the unmodified Azure CLI against the emulator."""

import json
from collections.abc import Iterator
from typing import Final

import pytest

from installer.jsontypes import Json
from tests.emulator.clients.az.cli import NEEDS_AZ, Az, signed_in
from tests.emulator.sample_templates import account, group, identity, inside, nested, resource, template
from tests.emulator.server_process import serving

pytestmark = NEEDS_AZ

ACCOUNTS = "Microsoft.Storage/storageAccounts"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
BLOB: Final[dict[str, Json]] = {"blob": {"type": "string", "value": "[reference('staz0001').primaryEndpoints.blob]"}}
SLOW = resource("Microsoft.DBforPostgreSQL/flexibleServers", "psql-az-slow", version="2024-08-01")


@pytest.fixture(scope="module")
def az(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Az]:
    """A signed-in CLI, and a server slow enough to cancel a deployment."""
    folder = tmp_path_factory.mktemp("az")
    small = template(group("rg-az"), nested("inner", inside(account("staz0001"), outputs=BLOB), into="rg-az"))
    (folder / "small.json").write_text(json.dumps(small))
    (folder / "commented.json").write_text("// by hand\r\n/* twice */\n" + json.dumps(small, indent=1) + "\n\n")
    (folder / "group.json").write_text(json.dumps(inside(identity("id-az"))))
    (folder / "slow.json").write_text(json.dumps(inside(SLOW)))
    more = nested("inner", inside(account("stack0001"), identity("id-stack")), into="rg-stack")
    less = nested("inner", inside(account("stack0001")), into="rg-stack")
    (folder / "more.json").write_text(json.dumps(template(group("rg-stack"), more)))
    (folder / "less.json").write_text(json.dumps(template(group("rg-stack"), less)))
    with serving(folder / "state", speed=20) as azure:
        yield signed_in(azure, folder)


def test_deployments_of_a_subscription(az: Az) -> None:
    where = ("-n", "main", "-l", "westeurope", "-f", "commented.json")
    assert az.json("deployment", "sub", "validate", *where)["properties"]["provisioningState"] == "Succeeded"
    assert "+ Microsoft.Storage/storageAccounts/staz0001" in az.text("deployment", "sub", "what-if", *where)
    made = az.json("deployment", "sub", "create", *where)
    assert made["properties"]["provisioningState"] == "Succeeded"
    assert az.json("deployment", "sub", "show", "-n", "main")["id"] == made["id"]
    assert [item["name"] for item in az.json("deployment", "sub", "list")] == ["main"]
    operations = az.json("deployment", "operation", "sub", "list", "-n", "main")
    assert [item["properties"]["provisioningState"] for item in operations] == ["Succeeded", "Succeeded"]
    assert "resources" in az.json("deployment", "sub", "export", "-n", "main")
    assert "DeploymentCannotBeCancelled" in az.refused("deployment", "sub", "cancel", "-n", "main")
    az.text("deployment", "sub", "delete", "-n", "main")
    assert az.json("deployment", "sub", "list") == []
    assert "DeploymentNotFound" in az.refused("deployment", "sub", "show", "-n", "main")


def test_deployments_of_a_group(az: Az) -> None:
    az.text("group", "create", "-n", "rg-one", "-l", "westeurope")
    where = ("-g", "rg-one", "-n", "one", "-f", "group.json")
    assert az.json("deployment", "group", "validate", *where)["properties"]["provisioningState"] == "Succeeded"
    assert "id-az" in az.text("deployment", "group", "what-if", *where)
    made = az.json("deployment", "group", "create", *where)
    assert [item["id"].rsplit("/", 1)[-1] for item in made["properties"]["outputResources"]] == ["id-az"]
    assert az.json("deployment", "group", "show", "-g", "rg-one", "-n", "one")["id"] == made["id"]
    assert len(az.json("deployment", "operation", "group", "list", "-g", "rg-one", "-n", "one")) == 1
    assert "resources" in az.json("deployment", "group", "export", "-g", "rg-one", "-n", "one")
    az.text("provider", "register", "-n", "Microsoft.DBforPostgreSQL", "--wait")
    az.text("deployment", "group", "create", "-g", "rg-one", "-n", "slow", "-f", "slow.json", "--no-wait")
    az.text("deployment", "group", "cancel", "-g", "rg-one", "-n", "slow")
    found = {item["name"]: item for item in az.json("deployment", "group", "list", "-g", "rg-one")}
    assert found["slow"]["properties"]["provisioningState"] == "Canceled"
    az.text("deployment", "group", "delete", "-g", "rg-one", "-n", "one")
    assert "one" not in {item["name"] for item in az.json("deployment", "group", "list", "-g", "rg-one")}


def test_groups_resources_and_tags(az: Az) -> None:
    az.text("group", "create", "-n", "rg-two", "-l", "West Europe", "--tags", "team=data")
    assert az.json("group", "show", "-n", "rg-two")["location"] == "westeurope"
    assert "rg-two" in {item["name"] for item in az.json("group", "list", "--tag", "team=data")}
    az.text("deployment", "group", "create", "-g", "rg-two", "-f", "group.json")
    [found] = az.json("resource", "list", "-g", "rg-two")
    shown = az.json("resource", "show", "--ids", found["id"])
    assert shown["properties"]["principalId"]
    az.text("resource", "tag", "--ids", found["id"], "--tags", "a=b")
    assert az.json("resource", "show", "--ids", found["id"])["tags"] == {"a": "b"}
    az.text("tag", "update", "--resource-id", found["id"], "--operation", "merge", "--tags", "c=d")
    assert az.json("tag", "list", "--resource-id", found["id"])["properties"]["tags"] == {"a": "b", "c": "d"}
    assert az.json("resource", "show", "--ids", found["id"])["tags"] == {"a": "b", "c": "d"}
    az.text("tag", "create", "--resource-id", found["id"], "--tags", "e=f")
    assert {"e", "team"} <= {item["tagName"] for item in az.json("tag", "list")}
    az.text("tag", "delete", "--resource-id", found["id"], "--yes")
    az.text("tag", "create", "-n", "cost")
    az.text("tag", "add-value", "-n", "cost", "--value", "high")
    assert "cost" in {item["tagName"] for item in az.json("tag", "list")}
    az.text("resource", "delete", "--ids", found["id"])
    assert az.json("resource", "list", "-g", "rg-two") == []
    az.text("group", "delete", "-n", "rg-two", "--yes")
    assert az.json("group", "exists", "-n", "rg-two") is False


def test_locks_apply_until_they_are_deleted(az: Az) -> None:
    az.text("group", "create", "-n", "rg-three", "-l", "westeurope")
    made = az.json("lock", "create", "-n", "keep", "--lock-type", "CanNotDelete", "-g", "rg-three")
    assert az.json("group", "lock", "show", "-g", "rg-three", "-n", "keep")["id"] == made["id"]
    assert [item["name"] for item in az.json("lock", "list", "-g", "rg-three")] == ["keep"]
    assert "ScopeLocked" in az.refused("group", "delete", "-n", "rg-three", "--yes")
    az.text("lock", "delete", "--ids", made["id"])
    az.text("account", "lock", "create", "-n", "still", "--lock-type", "ReadOnly")
    assert "ScopeLocked" in az.refused("group", "create", "-n", "rg-four", "-l", "westeurope")
    az.text("account", "lock", "delete", "-n", "still")
    az.text("group", "delete", "-n", "rg-three", "--yes")


def test_providers(az: Az) -> None:
    assert az.json("provider", "show", "-n", "Microsoft.App", "--query", "registrationState") == "NotRegistered"
    az.text("provider", "register", "-n", "Microsoft.App", "--wait")
    assert az.json("provider", "show", "-n", "Microsoft.App", "--query", "registrationState") == "Registered"
    az.text("provider", "unregister", "-n", "Microsoft.App", "--wait")
    known = az.json("provider", "list", "--query", "[].namespace")
    assert {"Microsoft.App", "Microsoft.Storage"} <= set(known)


def test_role_assignments(az: Az) -> None:
    az.text("group", "create", "-n", "rg-roles", "-l", "westeurope")
    scope = f"{az.azure.scope}/resourceGroups/rg-roles"
    whom = ("--assignee-object-id", az.azure.info["object_id"], "--assignee-principal-type", "ServicePrincipal")
    made = az.json("role", "assignment", "create", *whom, "--role", READER, "--scope", scope)
    assert made["roleDefinitionId"].endswith(READER)
    by_name = ("--assignee", az.azure.info["client_id"], "--role", "Storage Blob Data Contributor", "--scope", scope)
    az.text("role", "assignment", "create", *by_name)
    listed = az.json("role", "assignment", "list", "--scope", scope)
    assert {item["roleDefinitionName"] for item in listed} == {"Reader", "Storage Blob Data Contributor"}
    az.text("role", "assignment", "delete", *by_name)
    assert [item["id"] for item in az.json("role", "assignment", "list", "--scope", scope)] == [made["id"]]
    [network] = az.json("role", "definition", "list", "--name", "Network Contributor")
    assert network["name"] == "4d97b98b-1d4f-4787-a291-c67834d212e7"


def test_a_stack_deletes_resources_that_it_no_longer_contains(az: Az) -> None:
    how = (
        "-n",
        "all",
        "-l",
        "westeurope",
        "--action-on-unmanage",
        "deleteAll",
        "--deny-settings-mode",
        "none",
        "--yes",
    )
    made = az.json("stack", "sub", "create", *how, "-f", "more.json")
    assert made["provisioningState"] == "succeeded"
    assert {item["id"].rsplit("/", 1)[-1] for item in made["resources"]} == {"rg-stack", "stack0001", "id-stack"}
    again = az.json("stack", "sub", "create", *how, "-f", "less.json")
    assert [item["id"].rsplit("/", 1)[-1] for item in again["deletedResources"]] == ["id-stack"]
    assert {item["name"] for item in az.json("resource", "list", "-g", "rg-stack")} == {"stack0001"}
    assert az.json("stack", "sub", "show", "-n", "all")["deploymentId"] == again["deploymentId"]
    az.text("stack", "sub", "delete", "-n", "all", "--action-on-unmanage", "deleteAll", "--yes")
    assert az.json("group", "exists", "-n", "rg-stack") is False


def test_an_image_is_built_in_the_registry(az: Az) -> None:
    az.text("group", "create", "-n", "rg-images", "-l", "westeurope")
    az.text("acr", "create", "-g", "rg-images", "-n", "craz0001", "--sku", "Standard")
    source = az.folder / "image"
    source.mkdir()
    (source / "Dockerfile").write_text("FROM scratch\nCOPY note /note\n")
    (source / "note").write_text("a file")
    log = az.text("acr", "build", "-g", "rg-images", "-r", "craz0001", "-t", "sample:1", "image")
    assert "Step 2/2 : COPY note /note" in log
    assert "digest: sha256:" in log
    (run,) = az.json("acr", "task", "list-runs", "-g", "rg-images", "-r", "craz0001")
    assert (run["status"], run["outputImages"][0]["repository"]) == ("Succeeded", "sample")
    (source / "Dockerfile").write_text("FROM scratch\nCOPY missing /note\n")
    assert "Run failed" in az.refused("acr", "build", "-g", "rg-images", "-r", "craz0001", "-t", "sample:2", "image")
