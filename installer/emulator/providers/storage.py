"""Microsoft.Storage: accounts with their endpoints, and globally unique names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from installer.emulator.clock import instant
from installer.emulator.errors import ArmError
from installer.emulator.ids import derived_hex
from installer.emulator.providers.encryption_keys import KeyUse
from installer.emulator.providers.provider import ProviderContext, ProviderHooks, name_taken
from installer.emulator.providers.region_catalogue import region
from installer.emulator.state.deleted_containers import keep_container
from installer.json_access import JsonObject, as_object, as_text, member

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAME = re.compile(r"[a-z0-9]{3,24}")
_CONTAINER_NAME = re.compile(r"(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]|\$(root|web|logs)")
_SERVICE_VERSION = "2015-04-05"
# Members of the requests: AccountSasParameters and ServiceSasParameters of azure-mgmt-storage; names in the token: "Create an
# account SAS" and "Create a service SAS" of the storage services' REST reference (their version is the one of the examples).
_BOTH = {
    "signedPermission": "sp",
    "signedStart": "st",
    "signedExpiry": "se",
    "signedIp": "sip",
    "signedProtocol": "spr",
}
_OF_ACCOUNT = {"signedServices": "ss", "signedResourceTypes": "srt", **_BOTH}
_OF_SERVICE = {
    "signedResource": "sr",
    **_BOTH,
    "signedIdentifier": "si",
    "startPk": "spk",
    "endPk": "epk",
    "startRk": "srk",
    "endRk": "erk",
    "rscc": "rscc",
    "rscd": "rscd",
    "rsce": "rsce",
    "rscl": "rscl",
    "rsct": "rsct",
}
_SERVICES = ("blob", "dfs", "file", "queue", "table", "web")


def _check_account(context: ProviderContext) -> None:
    name = context.leaf
    if not _NAME.fullmatch(name):
        raise ArmError(
            400,
            "AccountNameInvalid",
            f"{name} is not a valid storage account name. Storage account name must be between 3 and 24 characters "
            "in length and use numbers and lower-case letters only.",
            cause="service",
        )
    if name_taken(context):
        raise ArmError(
            409,
            "StorageAccountAlreadyTaken",
            f"The storage account named {name} is already taken.",
            cause="service",
        )
    use = _key_use(context)
    if use is not None and use.unprotected(context):
        # github.com/Azure/azure-sdk-for-java/issues/29016 has the text; the code is assumed.
        raise ArmError(
            400,
            "InvalidRequestPropertyValue",
            "Missing pre-requisites to enable EncryptionAtRest/Customer Managed Key for this storage account. For more "
            "information, see - https://aka.ms/storagecmkconfiguration",
            cause="service",
        )


def _key_use(context: ProviderContext) -> KeyUse | None:
    """The key that encrypts the account, None for one that Azure manages."""
    encryption = context.properties.get("encryption")
    key = member(encryption, "keyvaultproperties")
    if as_text(member(encryption, "keySource")).lower() != "microsoft.keyvault":
        return None
    uri = f"{as_text(member(key, 'keyvaulturi')).rstrip('/')}/keys/{as_text(member(key, 'keyname'))}"
    return KeyUse(uri, as_text(member(encryption, "identity", "userAssignedIdentity")))


def _account_failure(context: ProviderContext) -> ArmError | None:
    """The error of an account whose identity cannot use its key: github.com/Azure/terraform-azurerm-avm-res-storage-storageaccount/pull/391."""
    use = _key_use(context)
    if use is None or use.problem(context) is None:
        return None
    text = f"The operation failed because of authentication issue on the keyvault: identity '{use.identity}', key '{use.uri}'."
    return ArmError(403, "KeyVaultAuthenticationFailure", text, cause="service")


def _account(context: ProviderContext) -> JsonObject:
    # The suffix of the public cloud; `in_cloud` replaces it for other clouds.
    endpoints: JsonObject = {
        service: f"https://{context.leaf}.{'z6.web' if service == 'web' else service}.core.windows.net/"
        for service in _SERVICES
    }
    sku = as_text(member(context.resource.desired, "sku", "name"))
    properties: JsonObject = {
        "primaryEndpoints": endpoints,
        "primaryLocation": context.location,
        "statusOfPrimary": "available",
        "creationTime": instant(context.resource.created),
    }
    return {
        "sku": {"tier": sku.split("_", 1)[0]} if sku else {},
        "properties": {**properties, **_secondary(context, sku.lower().partition("_")[2], endpoints)},
    }


def _secondary(context: ProviderContext, redundancy: str, endpoints: JsonObject) -> JsonObject:
    """The copy in the paired region, with endpoints where it can be read: azure-docs, storage/common/storage-redundancy.md."""
    paired = as_text((region(context.location) or {}).get("paired"))
    if not paired or not redundancy.endswith(("grs", "gzrs")):
        return {}
    shown: JsonObject = {"secondaryLocation": paired, "statusOfSecondary": "available"}
    if redundancy.startswith("ra"):
        shown["secondaryEndpoints"] = {
            service: as_text(url).replace("//" + context.leaf, f"//{context.leaf}-secondary", 1)
            for service, url in endpoints.items()
            if service != "file"
        }
    return shown


def _keys(context: ProviderContext, _body: JsonObject) -> JsonObject:
    return {
        "keys": [
            {"keyName": name, "value": f"rehearsal-{derived_hex(context.id, name, 32)}==", "permissions": "FULL"}
            for name in ("key1", "key2")
        ]
    }


def _account_signature(context: ProviderContext, body: JsonObject) -> JsonObject:
    return {"accountSasToken": _signature(context, body, _OF_ACCOUNT)}


def _service_signature(context: ProviderContext, body: JsonObject) -> JsonObject:
    return {"serviceSasToken": _signature(context, body, _OF_SERVICE)}


def _signature(context: ProviderContext, body: JsonObject, fields: Mapping[str, str]) -> str:
    """A token with the fields that were asked for, and a made-up signature: the Blob service here takes no such token."""
    given = {name.lower(): as_text(value) for name, value in body.items()}
    shown = {short: given[name.lower()] for name, short in fields.items() if given.get(name.lower())}
    signed = derived_hex(context.id, repr(sorted(given.items())), 32)
    return urlencode({"sv": _SERVICE_VERSION, **shown, "sig": f"rehearsal-{signed}"})


def _check_container(context: ProviderContext) -> None:
    if not _CONTAINER_NAME.fullmatch(context.leaf):
        raise ArmError(
            400,
            "InvalidResourceName",
            f"The specified resource name '{context.leaf}' contains invalid characters.",
            cause="service",
        )


def _container(context: ProviderContext) -> JsonObject:
    requested = as_text(context.properties.get("publicAccess"), "None")
    etag = f'"0x{derived_hex(context.id, "etag", 15).upper()}"'
    return {"etag": etag, "properties": as_object({"publicAccess": requested, "leaseState": "Available"})}


def _keep_container(context: ProviderContext) -> None:
    keep_container(context.resources, context.resource, context.now)


HOOKS = {
    "Microsoft.Storage/storageAccounts": ProviderHooks(
        check=_check_account,
        computed=_account,
        failure=_account_failure,
        actions={"listkeys": _keys, "listaccountsas": _account_signature, "listservicesas": _service_signature},
    ),
    "Microsoft.Storage/storageAccounts/blobServices/containers": ProviderHooks(
        check=_check_container, computed=_container, after_removal=_keep_container
    ),
}
