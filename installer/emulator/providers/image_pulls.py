"""Pulls of container images: the identity needs a role in effect, and the tag or digest must exist."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from installer.emulator.errors import ArmError
from installer.emulator.providers.roles import can, principal_of

if TYPE_CHECKING:
    from installer.emulator.providers.provider import ProviderContext
    from installer.emulator.state.resources import Resource, Resources

REGISTRY_TYPE = "Microsoft.ContainerRegistry/registries"
IMAGE_TYPE = "Microsoft.ContainerRegistry/registries/images"
_MANIFEST_UNKNOWN = "ManifestUnknown"
_PULL = "Microsoft.ContainerRegistry/registries/pull/read"
_IMAGE = re.compile(r"(?P<host>[^/]+)/(?P<repository>[^@:]+)(?::(?P<tag>[^@]+))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?")


def registry_of(resources: Resources, host: str) -> Resource | None:
    """The registry behind a host name, or None if the emulator has no such registry."""
    name = host.lower().partition(".")[0]
    found = resources.of_type(REGISTRY_TYPE)
    return next((item for item in found if item.name.lower() == name and host.lower().count(".") > 1), None)


def image_id(registry: str, repository: str, reference: str) -> str:
    """The id under which an image of a registry is stored; the reference is a tag or a digest."""
    return f"{registry}/images/{repository.replace('/', '~')}@{reference}"


def pull_problem(context: ProviderContext, image: str, identity: str) -> ArmError | None:
    """The error of an identity that cannot pull an image, or None; images of other registries are not checked."""
    found = _IMAGE.fullmatch(image)
    registry = registry_of(context.resources, found["host"]) if found else None
    if found is None or registry is None:
        return None
    if not can(context, principal_of(context, identity), _PULL, registry.id):
        return _refused(context, image, f"the identity '{identity or 'system'}' may not pull from '{found['host']}'")
    reference = found["digest"] or found["tag"] or "latest"
    if not has_image(context.resources, registry, found["repository"], reference):
        return ArmError(400, _MANIFEST_UNKNOWN, _missing(image, found["digest"], reference), cause="service")
    return None


def has_image(resources: Resources, registry: Resource, repository: str, reference: str) -> bool:
    """Whether a registry has an image under a tag or digest: built, imported, or pushed."""
    return resources.get(image_id(registry.id, repository, reference)) is not None


def _missing(image: str, digest: str | None, reference: str) -> str:
    """The words of the registry, as Container Apps passes them on.

    github.com/PacktPublishing/Pragmatic-Microservices-with-CSharp-and-Azure/issues/81; those of a digest are assumed.
    """
    named = f"manifest {digest} is not found; map[Digest:{digest}]" if digest else ""
    tagged = f'manifest tagged by "{reference}" is not found; map[Tag:{reference}]'
    return f'Invalid value: "{image}": GET https:: MANIFEST_UNKNOWN: {named or tagged}'


def _refused(context: ProviderContext, image: str, why: str) -> ArmError:
    text = f"'{context.leaf}' cannot pull its image '{image}': {why}."
    return ArmError(400, "ImagePullUnauthorized", text, cause="service")
