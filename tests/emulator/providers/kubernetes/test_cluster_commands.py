"""Commands in a cluster act on its stored objects and need a data role."""

import base64
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from installer.emulator.ids import derived_guid
from installer.emulator.providers.durations import length_of_action
from installer.json_access import JsonObject, as_list, as_object, as_text, member
from installer.jsontypes import Json
from tests.emulator.asgi_client import API, Local, local
from tests.emulator.in_memory import GROUP, run
from tests.emulator.providers.test_services import registered

CLUSTER = f"{GROUP}/providers/Microsoft.ContainerService/managedClusters/aks"
VERSION = "2026-03-01"
ADMIN = "b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b"


def zipped(files: Mapping[str, Json]) -> str:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, found in files.items():
            archive.writestr(name, found if isinstance(found, str) else json.dumps(found))
    return base64.b64encode(content.getvalue()).decode()


def manifest(kind: str, version: str, name: str, **more: Json) -> JsonObject:
    metadata: JsonObject = {"name": name} if kind == "Namespace" else {"name": name, "namespace": "ff"}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, **more}


POD: JsonObject = {"spec": {"containers": [{"name": "c", "image": "docker.io/x:1", "command": ["run"]}]}}
OBJECTS: JsonObject = {
    "apiVersion": "v1",
    "kind": "List",
    "items": [
        manifest("Namespace", "v1", "ff"),
        manifest("Deployment", "apps/v1", "server", spec={"replicas": 2, "template": POD}),
        manifest("Job", "batch/v1", "once", spec={"template": POD}),
        manifest("Service", "v1", "server", spec={"type": "LoadBalancer"}),
    ],
}


async def cluster(it: Local) -> None:
    """A cluster without local accounts, and a role of the caller in effect."""
    registered(it)
    await it.ask("PUT", f"{GROUP}?api-version={API}", {"location": "westeurope"})
    body: Json = {"location": "westeurope", "properties": {"dnsPrefix": "aks", "disableLocalAccounts": True}}
    assert (await it.ask("PUT", f"{CLUSTER}?api-version={VERSION}", body)).status == 201
    await it.done()


async def granted(it: Local) -> None:
    assignment = f"{CLUSTER}/providers/Microsoft.Authorization/roleAssignments/{derived_guid('a', 'b')}"
    definition = f"/providers/Microsoft.Authorization/roleDefinitions/{ADMIN}"
    body: Json = {"properties": {"roleDefinitionId": definition, "principalId": it.azure.identity.object_id}}
    assert (await it.ask("PUT", f"{assignment}?api-version=2022-04-01", body)).status == 201


async def said(it: Local, command: str, files: Mapping[str, Json] | None = None) -> tuple[int, str]:
    """Exit code and log of a command."""
    token = it.azure.identity.token("tenant", "cluster", "issuer")
    body: JsonObject = {"command": command, "clusterToken": token, "context": zipped(files or {})}
    begun = await it.ask("POST", f"{CLUSTER}/runCommand?api-version={VERSION}", body)
    assert begun.status == 202, begun.text
    await it.clock.advance(length_of_action("runCommand"))
    result = as_object((await it.ask("GET", begun.headers["location"])).json["properties"])
    code = result["exitCode"]
    assert isinstance(code, int)
    return code, as_text(result["logs"])


def test_owning_a_cluster_is_not_enough(tmp_path: Path) -> None:
    it = local(tmp_path)

    async def story() -> None:
        await cluster(it)
        code, log = await said(it, "kubectl get pods -A")
        assert (code, "Forbidden" in log) == (1, True)
        await granted(it)
        assert (await said(it, "kubectl get pods -A"))[0] == 1
        await it.clock.advance(length_of_action("roleTakesEffect"))
        assert (await said(it, "kubectl get pods -A"))[0] == 0

    run(story())


def test_objects_are_stored_shown_and_removed(tmp_path: Path) -> None:
    it = local(tmp_path)

    async def story() -> None:
        await cluster(it)
        await granted(it)
        await it.clock.advance(length_of_action("roleTakesEffect"))
        files: dict[str, Json] = {"objects.json": OBJECTS}
        code, log = await said(it, "kubectl get -f objects.json -o json --ignore-not-found", files)
        assert (code, log) == (0, "")
        code, log = await said(it, "kubectl apply -f objects.json", files)
        assert code == 0, log
        assert log.splitlines() == [
            *("namespace/ff created", "deployment.apps/server created", "job.batch/once created"),
            "service/server created",
        ]
        assert (await said(it, "kubectl apply -f objects.json", files))[1].count("unchanged") == 4
        code, log = await said(it, "kubectl get pods -n ff")
        assert log.splitlines()[0].split() == ["NAME", "READY", "STATUS", "RESTARTS", "AGE"]
        assert (log.count("Running"), log.count("Completed")) == (2, 1)
        code, log = await said(it, "kubectl get deploy,job server -n ff")
        assert code == 1
        found = json.loads((await said(it, "kubectl get -f objects.json -o json", files))[1])
        states = {as_text(one["kind"]): one.get("status") for one in map(as_object, as_list(found["items"]))}
        assert member(states["Deployment"], "availableReplicas") == 2
        assert member(states["Job"], "succeeded") == 1
        assert as_text(member(as_list(member(states["Service"], "loadBalancer", "ingress"))[0], "ip"))
        assert "nothing was run" in (await said(it, "kubectl logs job/once -n ff"))[1]
        assert (await said(it, "kubectl get deploy server -n ff -o name"))[1] == "deployment.apps/server\n"
        assert (await said(it, "kubectl delete ns ff && kubectl get deploy -A"))[1].splitlines() == [
            'namespace "ff" deleted',
            "No resources found",
        ]

    run(story())


@pytest.mark.parametrize(
    ("command", "code", "message"),
    [
        ("helm install x y", 127, "'helm'"),
        ("kubectl frobnicate", 1, "invalid choice"),
        ("kubectl get things", 1, "resource type"),
        ("kubectl get", 1, "type of resource"),
        ("kubectl get pods 'unbalanced", 2, "quotation"),
        ("kubectl apply -f nowhere.json", 1, "does not exist"),
        ("kubectl apply -f text.json", 1, "only JSON"),
        ("kubectl apply -f odd.json", 1, "no matches"),
        ("kubectl apply -f homeless.json", 1, 'namespaces "ff" not found'),
        ("kubectl get pod nobody", 1, '"nobody" not found'),
        ("kubectl logs job/none", 1, "not found"),
    ],
)
def test_an_impossible_command_is_reported(tmp_path: Path, command: str, code: int, message: str) -> None:
    it = local(tmp_path)

    async def story() -> None:
        await cluster(it)
        await granted(it)
        await it.clock.advance(length_of_action("roleTakesEffect"))
        files: dict[str, Json] = {
            "text.json": "{",
            "odd.json": {"kind": "Strange"},
            "homeless.json": manifest("Deployment", "apps/v1", "server"),
        }
        found, log = await said(it, command, files)
        assert found == code
        assert message in log

    run(story())


@pytest.mark.parametrize("context", ["no base64", base64.b64encode(b"no archive").decode()])
def test_a_context_that_is_not_an_archive_is_refused(tmp_path: Path, context: str) -> None:
    it = local(tmp_path)

    async def story() -> None:
        await cluster(it)
        body: Json = {"command": "kubectl get ns", "clusterToken": "t", "context": context}
        refused = await it.ask("POST", f"{CLUSTER}/runCommand?api-version={VERSION}", body)
        assert (refused.status, refused.code) == (400, "InvalidParameter")

    run(story())


def test_pods_wait_for_an_image_that_the_nodes_may_not_pull(tmp_path: Path) -> None:
    it = local(tmp_path)

    async def story() -> None:
        await cluster(it)
        await granted(it)
        registry: Json = {"location": "westeurope", "sku": {"name": "Basic"}}
        where = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/crflows"
        made = await it.ask("PUT", f"{where}?api-version=2025-11-01", registry)
        assert made.status == 201, made.text
        await it.done()
        await it.clock.advance(length_of_action("roleTakesEffect"))
        pod: JsonObject = {"spec": {"containers": [{"name": "c", "image": "crflows.azurecr.io/x:1"}]}}
        items: Json = [
            manifest("Namespace", "v1", "ff"),
            manifest("Deployment", "apps/v1", "server", spec={"template": pod}),
        ]
        assert (await said(it, "kubectl apply -f o.json", {"o.json": {"kind": "List", "items": items}}))[0] == 0
        assert "ImagePullBackOff" in (await said(it, "kubectl get pods -n ff"))[1]
        waiting = json.loads(
            (await said(it, "kubectl get pods -n ff --field-selector=status.phase=Pending -o json"))[1]
        )
        assert [as_text(member(one, "status", "phase")) for one in as_list(waiting["items"])] == ["Pending"]
        others = await said(it, "kubectl get pods -n ff --field-selector=status.phase=Running -o json")
        assert json.loads(others[1])["items"] == []
        assert (await said(it, "kubectl get pods -n ff --field-selector=spec.x=y"))[0] == 1
        assert "0/1" in (await said(it, "kubectl get deploy -n ff"))[1]

    run(story())
