"""Images in what is deployed: always by the digest that the step of the image has found, so that a tag that moves changes nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

from installer.answers.model import Answers
from installer.estate import keys
from installer.estate.parameters.context import Installation
from installer.estate.parameters.stage_spec import Outputs

ImageKind = Literal["prefect", "web"]
IMAGE_KINDS: Final[tuple[ImageKind, ...]] = get_args(ImageKind)


@dataclass(frozen=True)
class ImageUse:
    """An image that environments deploy.

    Attributes:
        kind: What it contains.
        environment: The environment whose own image it is, "" for the image of all that have none.

    """

    kind: ImageKind
    environment: str = ""

    @property
    def key(self) -> str:
        """Key of the step that provides it."""
        return keys.image(self.kind, self.environment)

    @property
    def title(self) -> str:
        """For people."""
        title = "Prefect image" if self.kind == "prefect" else "Web app image"
        return f"{title} · {self.environment}" if self.environment else title


def image_uses(it: Installation) -> Iterator[ImageUse]:
    """The images of an installation: the common ones, unless every environment has its own, then those of environments."""
    for kind in IMAGE_KINDS:
        uses = sorted((image_use(it, kind, name) for name in it.environments), key=lambda one: one.environment != "")
        yield from dict.fromkeys(uses)


def image_use(it: Installation, kind: ImageKind, environment: str) -> ImageUse:
    """The image that an environment deploys."""
    return ImageUse(kind, environment if _own_image(it, kind, environment) else "")


def _own_image(it: Installation, kind: ImageKind, environment: str) -> str:
    """Own image of an environment, "" for the common one."""
    own = it.answers.of_environment(environment)
    return (own.prefect_image if kind == "prefect" else own.web_image) or ""


def with_own_images(answers: Answers, environment: str, images: Mapping[str, str]) -> Answers:
    """The answers with other own images of an environment, by kind."""
    page = answers.of_environment(environment).model_copy(
        update={f"{kind}_image": image for kind, image in images.items() if kind in IMAGE_KINDS}
    )
    differ = [name for name in answers.subscription.environments if name in {*answers.subscription.differ, environment}]
    where = answers.subscription.model_copy(update={"differ": differ})
    return answers.model_copy(update={"subscription": where, environment: page})


def answered_image(it: Installation, kind: ImageKind, environment: str = "") -> str:
    """Repository with tag or digest, as answered for an environment; "" for the common image."""
    platform = it.answers.platform
    common = platform.prefect_image if kind == "prefect" else platform.web_image
    return (_own_image(it, kind, environment) if environment else "") or common


def image_source(it: Installation, kind: ImageKind) -> str:
    """How the image reaches the registry: build, import or push."""
    images = it.answers.images
    return images.prefect_source if kind == "prefect" else images.web_source


def imported_from(it: Installation, kind: ImageKind, environment: str = "") -> str:
    """The image of another registry that is imported: the own image of an environment is beside the common one, by its digest."""
    images = it.answers.images
    common = images.prefect_from if kind == "prefect" else images.web_from
    own = _own_image(it, kind, environment) if environment else ""
    return f"{common.partition('@')[0]}@{own.partition('@')[2]}" if own else common


def flow_image_sign_in(it: Installation, image: str) -> tuple[str, str]:
    """User and reference to the password for the registry of an image of flows; the answers have them for one registry only."""
    flows = it.answers.flows
    same = image.partition("/")[0] == flows.image_from.partition("/")[0]
    return (flows.user, flows.password) if flows.user and same else ("", "")


def answered_digest(it: Installation, kind: ImageKind, environment: str = "") -> str:
    """Digest of an image if the answers have it, else ""."""
    imported = image_source(it, kind) == "import"
    image = imported_from(it, kind, environment) if imported else answered_image(it, kind, environment)
    return image.partition("@")[2]


def repository_of(image: str) -> str:
    """Repository of an image without tag and digest."""
    return image.partition("@")[0].partition(":")[0]


def deployed_image(it: Installation, kind: ImageKind, outputs: Outputs, environment: str) -> str:
    """Repository and digest of the image in the registry that an environment deploys.

    Raises KeyError if the answers have no digest and the step of the image has no output yet.
    """
    digest = answered_digest(it, kind, environment) or outputs[keys.image(kind)]["digest"]
    return f"{repository_of(answered_image(it, kind, environment))}@{digest}"
