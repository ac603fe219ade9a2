"""Pulls of container images: the identity needs a role in effect, and the digest must exist."""

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
_PULL = "Microsoft.ContainerRegistry/registries/pull/read"
_IMAGE = re.compile(r"(?P<host>[^/]+)/(?P<repository>[^@:]+)(?::(?P<tag>[^@]+))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?")


def registry_of(resources: Resources, host: str) -> Resource | None:
    """The registry behind a host name, or None if the emulator has no such registry."""
    name = host.lower().partition(".")[0]
    found = resources.of_type(REGISTRY_TYPE)
    return next((item for item in found if item.name.lower() == name and host.lower().count(".") > 1), None)


def image_id(registry: Resource, repository: str, reference: str) -> str:
    """The id under which an image of a registry is stored; the reference is a tag or a digest."""
    return f"{registry.id}/images/{repository.replace('/', '~')}@{reference}"


def pull_problem(context: ProviderContext, image: str, identity: str) -> ArmError | None:
    """The error of an identity that cannot pull an image, or None; images of other registries are not checked."""
    found = _IMAGE.fullmatch(image)
    registry = registry_of(context.resources, found["host"]) if found else None
    if found is None or registry is None:
        return None
    if not can(context, principal_of(context, identity), _PULL, registry.id):
        return _refused(
            context, image, f"the identity '{identity or 'system'}' may not pull from '{found['host']}'", 401
        )
    reference = found["digest"] or found["tag"] or "latest"
    # Pushes bypass ARM, so tags may exist unseen: only a digest that was never imported is certainly missing.
    if found["digest"] and context.resources.get(image_id(registry, found["repository"], reference)) is None:
        return _refused(context, image, f"manifest unknown: '{found['repository']}@{reference}' is not there", 404)
    return None


def _refused(context: ProviderContext, image: str, why: str, status: int) -> ArmError:
    code = "ImagePullUnauthorized" if status == 401 else "ManifestUnknown"
    return ArmError(400, code, f"'{context.leaf}' cannot pull its image '{image}': {why}.", cause="service")
