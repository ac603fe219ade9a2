"""Images in what is deployed: always by the digest that the step of the image has found, so that a tag that moves changes nothing."""

from typing import Final, Literal, get_args

from installer.estate import keys
from installer.estate.parameters.context import Installation
from installer.estate.parameters.stage_spec import Outputs

ImageKind = Literal["prefect", "web"]
IMAGE_KINDS: Final[tuple[ImageKind, ...]] = get_args(ImageKind)


def answered_image(it: Installation, kind: ImageKind) -> str:
    """Repository with tag or digest, as answered."""
    platform = it.answers.platform
    return platform.prefect_image if kind == "prefect" else platform.web_image


def image_source(it: Installation, kind: ImageKind) -> str:
    """How the image reaches the registry: build, import or push."""
    images = it.answers.images
    return images.prefect_source if kind == "prefect" else images.web_source


def imported_from(it: Installation, kind: ImageKind) -> str:
    """The image of another registry that is imported."""
    images = it.answers.images
    return images.prefect_from if kind == "prefect" else images.web_from


def flow_image_sign_in(it: Installation, image: str) -> tuple[str, str]:
    """User and reference to the password for the registry of an image of flows; the answers have them for one registry only."""
    flows = it.answers.flows
    same = image.partition("/")[0] == flows.image_from.partition("/")[0]
    return (flows.user, flows.password) if flows.user and same else ("", "")


def answered_digest(it: Installation, kind: ImageKind) -> str:
    """Digest of an image if the answers have it, else ""."""
    imported = image_source(it, kind) == "import"
    return (imported_from(it, kind) if imported else answered_image(it, kind)).partition("@")[2]


def repository_of(image: str) -> str:
    """Repository of an image without tag and digest."""
    return image.partition("@")[0].partition(":")[0]


def deployed_image(it: Installation, kind: ImageKind, outputs: Outputs) -> str:
    """Repository and digest of an image in the registry.

    Raises KeyError if the answers have no digest and the step of the image has no output yet.
    """
    digest = answered_digest(it, kind) or outputs[keys.image(kind)]["digest"]
    return f"{repository_of(answered_image(it, kind))}@{digest}"
