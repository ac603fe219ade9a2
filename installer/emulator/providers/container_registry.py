"""Microsoft.ContainerRegistry: registries, whose names are globally unique."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from installer.emulator.clock import instant
from installer.emulator.errors import ArmError
from installer.emulator.ids import derived_guid
from installer.emulator.providers.encryption_keys import KeyUse
from installer.emulator.providers.image_pulls import IMAGE_TYPE, image_id, registry_of
from installer.emulator.providers.provider import ProviderContext, ProviderHooks, name_taken
from installer.emulator.state.resources import Resource
from installer.json_access import as_list, as_object, as_text, member
from installer.resource_id import name_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.json_access import JsonObject
    from installer.jsontypes import Json

_VERSION = "2025-11-01"
_NAME = re.compile(r"[A-Za-z0-9]{5,50}")


def _check_registry(context: ProviderContext) -> None:
    name = context.leaf
    if not _NAME.fullmatch(name):
        raise ArmError(
            400,
            "NameInvalid",
            f"The registry name '{name}' is invalid: 5 to 50 letters and digits are expected.",
            cause="service",
        )
    exports = as_text(member(context.properties, "policies", "exportPolicy", "status")).lower()
    if exports == "disabled" and context.text("publicNetworkAccess").lower() != "disabled":
        # azure-docs, articles/container-registry/data-loss-prevention.md
        raise ArmError(
            400,
            "InvalidRequest",
            "The export policy can be disabled only together with public network access.",
            cause="service",
        )
    if context.text("encryption", "status").lower() == "enabled":
        _check_encryption(context)
    if name_taken(context):
        raise ArmError(409, "AlreadyInUse", f"The registry DNS name {name} is already in use.", cause="service")


def _check_encryption(context: ProviderContext) -> None:
    """Keys of the organization need the tier Premium: azure-docs, articles/container-registry/tutorial-customer-managed-keys.md."""
    tier = as_text(member(context.resource.desired, "sku", "name")).lower()
    use = _key_use(context)
    problems = (
        (tier != "premium", "Customer-managed keys are supported in the Premium tier only."),
        (use is None, "The encryption requires a key and the client ID of an identity that the registry has."),
        (
            use is not None and use.unprotected(context),
            "The key vault must have soft delete and purge protection enabled.",
        ),
    )
    for wrong, text in problems:
        if wrong:
            raise ArmError(400, "InvalidRequest", text, cause="service")


def _key_use(context: ProviderContext) -> KeyUse | None:
    """The key that encrypts the registry; its identity is named by its client ID and must be assigned to the registry."""
    client = context.text("encryption", "keyVaultProperties", "identity")
    assigned = as_object(member(context.resource.desired, "identity", "userAssignedIdentities"))
    identity = next((item for item in assigned if derived_guid(item, "clientId") == client.lower()), None)
    return KeyUse(context.text("encryption", "keyVaultProperties", "keyIdentifier"), identity) if identity else None


def _encryption_failure(context: ProviderContext) -> ArmError | None:
    """The error of a registry whose identity cannot use its key.

    github.com/MicrosoftDocs/azure-docs/issues/61015 has the text; the code is assumed.
    """
    use = _key_use(context)
    if use is None or use.problem(context) is None:
        return None
    client = context.text("encryption", "keyVaultProperties", "identity")
    text = (
        f"Failed to access KeyId '{use.uri}'. Verify that identity '{client}' has 'Get, Wrap Key, Unwrap Key' permission on "
        f"key '{use.uri}'. For more information on bring your own key, please visit 'https://aka.ms/acr/cmk'."
    )
    return ArmError(400, "BadRequest", text, cause="service")


def _registry(context: ProviderContext) -> JsonObject:
    sku = as_text(member(context.resource.desired, "sku", "name"))
    return {
        "sku": {"tier": sku} if sku else {},
        "properties": {
            "loginServer": f"{context.leaf.lower()}.azurecr.io",
            "creationDate": instant(context.resource.created),
        },
    }


def _import(context: ProviderContext, body: JsonObject) -> Json:
    """Imports an image under its digest and under every requested tag."""
    source = as_text(member(body, "source", "sourceImage"))
    tags = [as_text(tag) for tag in as_list(body.get("targetTags"))]
    untagged = [as_text(name) for name in as_list(body.get("untaggedTargetRepositories"))]
    if not source or not (tags or untagged):
        text = "The source image and at least one target are required."
        raise ArmError(400, "ImportImageMissingParameters", text, cause="service")
    digest = _source_digest(context, as_object(body.get("source")), source)
    force = as_text(body.get("mode")).lower() == "force"
    for tag in tags:
        repository, _, label = tag.partition(":")
        if not force and context.resources.get(image_id(context.resource.id, repository, label or "latest")):
            text = f"Tag {tag} already exists in target registry."
            raise ArmError(409, "Conflict", text, cause="service")
    for repository, reference in [*_targets(tags, digest), *((name, digest) for name in untagged)]:
        keep_image(context, repository, reference, digest)
    return None


def _source_digest(context: ProviderContext, source: JsonObject, image: str) -> str:
    """Digest of the image to import.

    A registry of the emulator, the target itself included, has to have the image; images of other registries are assumed
    to exist. Code and words of the refusal are assumed after github.com/Azure/acr/issues/632.
    """
    registry = context.resources.get(as_text(source.get("resourceId")))
    if registry is None:
        registry = registry_of(context.resources, as_text(source.get("registryUri")))
        _check_access(registry, with_credentials=bool(source.get("credentials")))
    repository, _, digest = image.partition("@")
    name, _, tag = repository.partition(":")
    reference = digest or tag or "latest"
    if registry is None:
        return digest or f"sha256:{_digest(image)}"
    found = context.resources.get(image_id(registry.id, name, reference))
    if found is None:
        text = f"Error copying blobs: manifest {reference} of {name} is not found in {registry.name}.azurecr.io."
        raise ArmError(400, "InvalidParameters", text, cause="service")
    return as_text(member(found.desired, "properties", "digest"))


def _check_access(registry: Resource | None, *, with_credentials: bool) -> None:
    """Refuse an import from a registry that it cannot read.

    azure-docs, container-registry-import-images.md (network-restricted registries) and anonymous-pull-access.md (off unless
    enabled); code and words are assumed.
    """
    if registry is None:
        return
    facts = as_object(registry.desired.get("properties"))
    closed = as_text(facts.get("publicNetworkAccess")).lower() == "disabled"
    closed = closed or as_text(member(facts, "networkRuleSet", "defaultAction")).lower() == "deny"
    trusted = as_text(facts.get("networkRuleBypassOptions"), "AzureServices").lower() == "azureservices"
    if closed and not trusted:
        text = f"Error copying blobs: the firewall of {registry.name} does not admit trusted services."
        raise ArmError(403, "InvalidParameters", text, cause="service")
    if not with_credentials and facts.get("anonymousPullEnabled") is not True:
        text = f"Error copying blobs: {registry.name} requires authentication."
        raise ArmError(401, "InvalidParameters", text, cause="service")


def _targets(tags: list[str], digest: str) -> Iterator[tuple[str, str]]:
    for tag in tags:
        repository, _, label = tag.partition(":")
        yield repository, label or "latest"
        yield repository, digest


def _digest(source: str) -> str:
    return hashlib.sha256(source.encode()).hexdigest()


def keep_image(context: ProviderContext, repository: str, reference: str, digest: str) -> None:
    """Stores an image of a registry under a tag or its digest."""
    context.resources.save(pushed_image(context.resource.id, repository, reference, digest, context.now))


def pushed_image(registry: str, repository: str, reference: str, digest: str, moment: float) -> Resource:
    """An image under a tag or its digest, in the registry with an ID."""
    item_id = image_id(registry, repository, reference)
    return Resource(
        id=item_id,
        type=IMAGE_TYPE,
        name=name_of(item_id),
        api_version=_VERSION,
        state="Succeeded",
        created=moment,
        changed=moment,
        desired={"properties": {"repository": repository, "reference": reference, "digest": digest}},
    )


HOOKS = {
    "Microsoft.ContainerRegistry/registries": ProviderHooks(
        check=_check_registry, computed=_registry, failure=_encryption_failure, actions={"importimage": _import}
    )
}
