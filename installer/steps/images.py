"""Base of the steps that provide the container images: what they share, whichever way an image reaches the registry.

The digest is recorded in Azure, as the output of a deployment without resources: another run and another machine deploy
the same image, and a template never names a tag.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Final

from installer.cloud.arm import Arm
from installer.cloud.errors import AzureRefused
from installer.cloud.rest import Service
from installer.engine.step import Context, Outputs
from installer.errors import DeploymentFailed, VerificationFailed
from installer.estate import keys
from installer.estate.parameters.context import Installation
from installer.estate.parameters.images import ImageKind, ImageUse, answered_image, repository_of
from installer.estate.parameters.resource_ids import registry_id
from installer.jsontypes import Json
from installer.steps.polling import poll
from installer.steps.value_record import ValueRecord, record_template

VERSION: Final = "2025-11-01"
IMPORT_SECONDS: Final = 1800.0
"""Longest time of an import; several minutes are usual for a large image."""
_POLL_SECONDS: Final = 3.0
_ACCEPTED: Final = 202
TEMPLATE: Final = record_template({"digest": "string", "source": "string"}, outputs=True)


@dataclass(frozen=True, kw_only=True)
class ProvideImage(ABC):
    """Provides one image in the registry of the installation.

    Attributes:
        kind: The image.
        owner: The environment whose own image it is, "" for the image of all that have none.
        needs: Keys of the steps after which the registry can be reached.

    """

    arm: Arm
    service: Service
    it: Installation
    kind: ImageKind
    owner: str = ""
    needs: tuple[str, ...] = (keys.FOUNDATION,)
    proves_existence: ClassVar[bool] = False
    """Whether `provide` returns only once Azure has shown that the registry has the image."""

    @property
    def key(self) -> str:
        """One for each image."""
        return self.use.key

    @property
    def use(self) -> ImageUse:
        """The image among those of the installation."""
        return ImageUse(self.kind, self.owner)

    @property
    def title(self) -> str:
        """Title of the step."""
        return self.use.title

    @property
    @abstractmethod
    def usual_seconds(self) -> float:
        """Usual duration."""

    @property
    @abstractmethod
    def source(self) -> str:
        """Mark of the origin: another mark means another image."""

    @abstractmethod
    def provide(self, context: Context) -> str:
        """Put the image into the registry, or wait for it; returns its digest."""

    @property
    def image(self) -> str:
        """Repository with tag or digest, as answered."""
        return answered_image(self.it, self.kind, self.owner)

    @property
    def repository(self) -> str:
        """Its repository."""
        return repository_of(self.image)

    @property
    def registry(self) -> str:
        """Resource ID of the registry."""
        return registry_id(self.it)

    @property
    def record_name(self) -> str:
        """Name of the deployment that records the digest."""
        return self.it.names.deployment(self.key)

    def check(self, context: Context) -> Outputs | None:
        """Done when the digest of the same source is recorded and its image still exists."""
        found = self.arm.deployment(self.record_name)
        if found is None or found.state != "succeeded" or found.outputs.get("source") != self.source:
            return None
        digest = str(found.outputs.get("digest"))
        if self.exists(context, digest):
            return {"digest": digest}
        context.emit("warning", f"{self.repository}@{digest} no longer exists in the registry")
        return None

    def apply(self, context: Context) -> Outputs:
        """Provide the image and record its digest. Raises DeploymentFailed, or WaitingForInput."""
        digest = self.provide(context)
        record = ValueRecord(self.arm, self.record_name, self.it.location, self.it.names.prefix, TEMPLATE)
        values: dict[str, Json] = {"digest": digest, "source": self.source}
        record.settled(context)
        record.write(context, values, record.digest(values))
        context.emit("resource.finished", "in the registry", resource=f"{self.repository}@{digest}", type="image")
        return {"digest": digest}

    def verify(self, context: Context, outputs: Outputs) -> None:
        """Check that the registry has the image, unless providing it has proved that."""
        digest = str(outputs["digest"])
        if not self.proves_existence and not self.exists(context, digest):
            raise VerificationFailed(f"the registry {self.it.names.registry} has no {self.repository}@{digest}")

    def exists(self, context: Context, digest: str) -> bool:
        """Whether the registry has the image, proved by an import of the registry into itself, which changes nothing.

        Resource Manager lists no images, and a private registry answers only inside its network. An import by digest
        creates no tag (learn.microsoft.com/rest/api/containerregistry/registries/import-image, untaggedTargetRepositories).
        """
        source: Json = {"resourceId": self.registry, "sourceImage": f"{self.repository}@{digest}"}
        try:
            self.import_image(context, source, untagged=True)
        except AzureRefused as refused:
            if refused.unreached or refused.transient:
                raise
            text = str(refused).lower()
            if "manifest" in text and "not found" in text:
                return False
            context.emit("not-checked", f"whether {self.repository}@{digest} exists: {str(refused).splitlines()[0]}")
        return True

    def import_image(self, context: Context, source: Json, *, untagged: bool) -> None:
        """Import an image into the registry and wait for the end. Raises AzureRefused, or DeploymentFailed."""
        doing = f"import {self.repository} into the registry {self.it.names.registry}"
        targets: dict[str, Json] = (
            {"targetTags": [], "untaggedTargetRepositories": [self.repository]}
            if untagged
            else {"targetTags": [self.image], "untaggedTargetRepositories": []}
        )
        begun = self.service.ask(
            "POST",
            f"{self.registry}/importImage?api-version={VERSION}",
            {"source": source, "mode": "Force", **targets},
            doing=doing,
        )
        if begun.status != _ACCEPTED or not begun.location:
            return
        speed = self.arm.target.speed
        for _ in poll(context, interval=_POLL_SECONDS, limit=IMPORT_SECONDS, speed=speed):
            if self.service.ask("GET", begun.location, doing=doing).status != _ACCEPTED:
                return
        raise DeploymentFailed(f"the registry has not finished after {IMPORT_SECONDS:.0f} s: {doing}")
