"""Images that a rehearsal assumes to be pushed: it cannot wait for a push to a registry that does not exist."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from installer.answers.model import Answers
from installer.estate.parameters.context import Installation
from installer.estate.parameters.images import answered_digest, answered_image, image_source, image_uses, repository_of
from installer.estate.parameters.resource_ids import registry_id
from installer.jsontypes import Json


@dataclass(frozen=True)
class AssumedImage:
    """An image that the answers leave to the customer.

    Attributes:
        question: Key of the question for its digest, which a run asks.
        image: Repository with tag or digest, as answered.
        registry: Resource ID of the registry.
        digest: Its digest; made up, unless the answers have it.

    """

    question: str
    image: str
    registry: str
    digest: str

    @property
    def resource(self) -> str:
        """ID of the image in the embedded Azure."""
        return f"{self.registry}/images/{repository_of(self.image).replace('/', '~')}@{self.digest}"

    def push(self) -> dict[str, Json]:
        """The push, as the embedded Azure takes it."""
        tag = self.image.partition("@")[0].partition(":")[2]
        return {"registry": self.registry, "repository": repository_of(self.image), "tag": tag, "digest": self.digest}


def assumed_images(answers: Answers) -> Iterator[AssumedImage]:
    """The images to push."""
    it = Installation(answers)
    registry = registry_id(it)
    for use in image_uses(it):
        source = image_source(it, use.kind)
        if source == "import" or (source == "build" and not use.environment):
            continue
        image = answered_image(it, use.kind, use.environment)
        made_up = hashlib.sha256(f"{it.names.registry_host}/{image}".encode()).hexdigest()
        digest = answered_digest(it, use.kind, use.environment) or f"sha256:{made_up}"
        yield AssumedImage(use.key, image, registry, digest)
