"""Secrets of the key vault in the cluster: the classes that name them, and the Kubernetes secrets with copies of them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from installer.estate.parameters.kubernetes.objects import Home, Manifest, Program
from installer.estate.parameters.principals import Workload

if TYPE_CHECKING:
    from installer.jsontypes import Json

_CLOUD_NAMES: Final = {"public": "AzurePublicCloud", "usgov": "AzureUSGovernmentCloud", "china": "AzureChinaCloud"}
"""Cloud names of the Secrets Store CSI driver (documented)."""


def marked(home: Home, program: Program) -> Program:
    """A program that refers to the copy of the current versions of its secrets."""
    return replace(program, copy=home.copy_name(program.name, (*program.kept.values(), *program.files)))


def secret_class(home: Home, program: Program, workload: Workload) -> Manifest:
    """SecretProviderClass with the key vault secrets of a program, read with the identity of its workload."""
    return vault_secrets(home, program.name, program.kept, program.files, workload)


def vault_secrets(home: Home, name: str, kept: Mapping[str, str], files: Sequence[str], workload: Workload) -> Manifest:
    """SecretProviderClass with secrets that become environment variables, and others that become files."""
    objects = "array:\n" + "".join(
        f"  - |\n    objectName: {secret}\n    objectType: secret\n"
        for secret in dict.fromkeys((*kept.values(), *files))
    )
    parameters: Json = {
        "usePodIdentity": "false",
        "clientID": home.client_id(workload),
        "keyvaultName": home.it.names.key_vault(home.site.name),
        "cloudName": _CLOUD_NAMES[home.it.names.cloud],
        "tenantId": home.it.answers.subscription.tenant,
        "objects": objects,
    }
    data: list[Json] = [{"objectName": secret, "key": secret} for secret in dict.fromkeys(kept.values())]
    copy = home.copy_name(name, (*kept.values(), *files))
    copied: list[Json] = [{"secretName": copy, "type": "Opaque", "data": data}] if data else []
    spec: Json = {"provider": "azure", "parameters": parameters, **({"secretObjects": copied} if copied else {})}
    return home.manifest("secrets-store.csi.x-k8s.io/v1", "SecretProviderClass", name, spec=spec)
