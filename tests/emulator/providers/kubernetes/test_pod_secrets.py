"""Secrets of pods come from the key vault through the class that the pod mounts, and in no other way."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from installer.emulator.providers.kubernetes.pod_secrets import UnavailableSecretError, secrets_of
from installer.emulator.providers.provider import ProviderContext
from installer.emulator.providers.secret_references import version_of
from installer.emulator.state.resources import Resource
from installer.json_access import JsonObject
from tests.emulator.asgi_client import local

if TYPE_CHECKING:
    from installer.jsontypes import Json

PLACE: Final = "/subscriptions/s/resourceGroups/g/providers"
CLUSTER: Final = f"{PLACE}/Microsoft.ContainerService/managedClusters/aks"
VAULT: Final = f"{PLACE}/Microsoft.KeyVault/vaults/kv"
SECRET: Final = f"{VAULT}/secrets/prefect-auth"


def owner(*, mounts: str = "server", name: str = "server-copy", key: str = "prefect-auth") -> JsonObject:
    """A deployment whose container has a variable with a secret."""
    driver: Json = {"driver": "secrets-store.csi.k8s.io", "volumeAttributes": {"secretProviderClass": mounts}}
    variable: Json = {"name": "AUTH", "valueFrom": {"secretKeyRef": {"name": name, "key": key}}}
    files: Json = [{"name": "tmp", "mountPath": "/tmp"}, {"name": "kept", "mountPath": "/mnt/kept"}]  # noqa: S108
    container: Json = {"name": "c", "env": [variable], "volumeMounts": files}
    pod: JsonObject = {"containers": [container], "volumes": [{"name": "kept", "csi": driver}]}
    return {"kind": "Deployment", "metadata": {"name": "d", "namespace": "ff"}, "spec": {"template": {"spec": pod}}}


def secret_class(namespace: str = "ff", object_name: str = "prefect-auth") -> JsonObject:
    data: Json = [{"objectName": "prefect-auth", "key": "prefect-auth"}]
    parameters: Json = {
        "clientID": "client-1",
        "keyvaultName": "kv",
        "objects": f"array:\n  - |\n    objectName: {object_name}\n    objectType: secret\n",
    }
    copies: Json = [{"secretName": "server-copy", "type": "Opaque", "data": data}]
    return {
        "kind": "SecretProviderClass",
        "metadata": {"name": "server", "namespace": namespace},
        "spec": {"provider": "azure", "parameters": parameters, "secretObjects": copies},
    }


@pytest.fixture
def context(tmp_path: Path) -> ProviderContext:
    """A cluster with a vault that has one secret."""
    it = local(tmp_path)
    cluster = Resource(CLUSTER, "Microsoft.ContainerService/managedClusters", "aks", "v", "Succeeded", 0, 0)
    version: JsonObject = {
        "properties": {"secretUriWithVersion": "https://kv.vault.azure.net/secrets/prefect-auth/1234"}
    }
    for one in (
        cluster,
        Resource(VAULT, "Microsoft.KeyVault/vaults", "kv", "v", "Succeeded", 0, 0),
        Resource(
            SECRET, "Microsoft.KeyVault/vaults/secrets", "kv/prefect-auth", "v", "Succeeded", 0, 0, computed=version
        ),
    ):
        it.emulator.resources.save(one)
    return it.emulator.provider_context(cluster)


def test_variables_and_files_have_the_current_version_of_the_secret_of_the_mounted_class(
    context: ProviderContext,
) -> None:
    found = secrets_of(context, owner(), [secret_class()])
    assert found.variables == {"AUTH": "kv/prefect-auth"}, "its identity is elsewhere"
    assert found.files == {"/mnt/kept/prefect-auth": "kv/prefect-auth"}
    assert version_of(context.resources, "KV", "prefect-auth") == "kv/prefect-auth/1234"


@pytest.mark.parametrize(
    ("one", "classes", "text"),
    [
        (owner(mounts="other"), [secret_class()], "secretproviderclass ff/other"),
        (owner(), [secret_class("elsewhere")], "secretproviderclass ff/server"),
        (owner(name="server"), [secret_class()], 'secret "server" not found'),
        (owner(key="other"), [secret_class()], "couldn't find key other in Secret ff/server-copy"),
        (owner(), [secret_class(object_name="not-this-one")], "couldn't find key prefect-auth"),
    ],
)
def test_a_pod_without_its_secret_does_not_start(
    context: ProviderContext, one: JsonObject, classes: list[JsonObject], text: str
) -> None:
    with pytest.raises(UnavailableSecretError, match=text):
        secrets_of(context, one, classes)


def test_an_identity_that_may_not_read_the_secret_stops_the_pod(context: ProviderContext) -> None:
    identity: JsonObject = {"properties": {"clientId": "client-1", "principalId": "p"}}
    kind = "Microsoft.ManagedIdentity/userAssignedIdentities"
    context.resources.save(Resource(f"{PLACE}/{kind}/id", kind, "id", "v", "Succeeded", 0, 0, computed=identity))
    with pytest.raises(UnavailableSecretError, match="objectName:prefect-auth: AADSTS700213"):
        secrets_of(context, owner(), [secret_class()])
