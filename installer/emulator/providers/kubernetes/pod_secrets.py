"""Secrets of pods: files of the Secrets Store CSI driver, and variables that refer to Kubernetes secrets which it makes of them.

The driver makes them once a pod mounts the volume of their SecretProviderClass, and reads the vault as the identity of the
class with the token of the pod's service account: MicrosoftDocs/azure-aks-docs, articles/aks/csi-secrets-store-identity-access.md
and csi-secrets-store-configuration-options.md ("Sync mounted content with a Kubernetes secret", "Set an environment variable").
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from installer.emulator.providers.kubernetes.pods import namespace_of, template_of
from installer.emulator.providers.kubernetes.workload_identity import identity_with, refused_token, service_account
from installer.emulator.providers.secret_references import status_of, version_of
from installer.json_access import JsonObject, as_list, as_object, as_text, member, objects_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from installer.emulator.providers.provider import ProviderContext

CLASS: Final = "SecretProviderClass"
_DRIVER: Final = "secrets-store.csi.k8s.io"
_OBJECT_NAME: Final = re.compile(r"^\s*objectName:\s*(\S+)\s*$", re.MULTILINE)


class UnavailableSecretError(Exception):
    """A pod cannot start, with the reason of its event or of its container."""


@dataclass(frozen=True)
class PodSecrets:
    """Versions of secrets of the key vault that the first container of a pod gets.

    Attributes:
        variables: Version by environment variable.
        files: Version by the path of the file with its value.

    """

    variables: dict[str, str]
    files: dict[str, str]


def secrets_of(context: ProviderContext, owner: JsonObject, classes: Sequence[JsonObject]) -> PodSecrets:
    """Secrets of the first container of a pod.

    Args:
        context: The cluster.
        owner: An object with a pod template.
        classes: All objects of the kind SecretProviderClass.

    Raises:
        UnavailableSecretError: A secret is missing, or the identity may not read it.

    """
    pod = as_object(template_of(owner).get("spec"))
    volumes = {volume: _class(owner, name, classes) for volume, name in _mounted(pod)}
    versions = {
        (as_text(member(one, "metadata", "name")), name): _read(context, owner, one, name)
        for one in volumes.values()
        for name in _objects(one)
    }
    first = as_object(next(iter(as_list(pod.get("containers"))), {}))
    variables = {}
    for variable in objects_of(first.get("env")):
        reference = member(variable, "valueFrom", "secretKeyRef")
        if isinstance(reference, dict):
            variables[as_text(variable.get("name"))] = _copied(owner, reference, [*volumes.values()], versions)
    files = {
        f"{as_text(mount.get('mountPath'))}/{name}": versions[as_text(member(one, "metadata", "name")), name]
        for mount in objects_of(first.get("volumeMounts"))
        if (one := volumes.get(as_text(mount.get("name")))) is not None
        for name in _objects(one)
    }
    return PodSecrets(variables, files)


def _objects(one: JsonObject) -> list[str]:
    """Names of the secrets of a class."""
    return _OBJECT_NAME.findall(as_text(member(one, "spec", "parameters", "objects")))


def _mounted(pod: JsonObject) -> Iterator[tuple[str, str]]:
    """Volumes of a pod with secrets, and the names of their classes."""
    for volume in objects_of(pod.get("volumes")):
        if member(volume, "csi", "driver") == _DRIVER:
            yield as_text(volume.get("name")), as_text(member(volume, "csi", "volumeAttributes", "secretProviderClass"))


def _class(owner: JsonObject, name: str, classes: Sequence[JsonObject]) -> JsonObject:
    place = namespace_of(owner)
    for one in classes:
        if namespace_of(one) == place and member(one, "metadata", "name") == name:
            return one
    raise UnavailableSecretError(
        f"MountVolume.SetUp failed for volume: failed to get secretproviderclass {place}/{name}, error: "
        f'secretproviderclasses.secrets-store.csi.x-k8s.io "{name}" not found'
    )


def _read(context: ProviderContext, owner: JsonObject, one: JsonObject, name: str) -> str:
    """Version of a secret that a class names."""
    parameters = as_object(member(one, "spec", "parameters"))
    client, vault = as_text(parameters.get("clientID")), as_text(parameters.get("keyvaultName"))
    identity = identity_with(context.resources, client)
    if identity is None:  # an identity of a subscription that is not emulated
        return f"{vault}/{name}"
    problem = refused_token(context.resources, service_account(context, owner, client))
    status = status_of(context, f"vaultname={vault};secretname={name}", identity.id)[0]
    if problem or status != "Resolved":
        raise UnavailableSecretError(
            f"MountVolume.SetUp failed for volume: failed to mount objects, error: failed to get objectType:secret, "
            f"objectName:{name}: {problem or status}"
        )
    return version_of(context.resources, vault, name)


def _copied(
    owner: JsonObject, reference: JsonObject, mounted: Sequence[JsonObject], versions: dict[tuple[str, str], str]
) -> str:
    """Version behind a reference to a Kubernetes secret that a mounted class makes."""
    name, key = as_text(reference.get("name")), as_text(reference.get("key"))
    made = [
        (one, copy)
        for one in mounted
        for copy in objects_of(member(one, "spec", "secretObjects"))
        if copy.get("secretName") == name
    ]
    if not made:
        raise UnavailableSecretError(f'secret "{name}" not found')
    for one, copy in made:
        for item in objects_of(copy.get("data")):
            version = versions.get((as_text(member(one, "metadata", "name")), as_text(item.get("objectName"))))
            if item.get("key") == key and version is not None:
                return version
    raise UnavailableSecretError(f"couldn't find key {key} in Secret {namespace_of(owner)}/{name}")
