"""Steps: the image of the customer's flows: built in the registry, imported, pushed by the customer, or promoted by its digest."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from installer.engine.step import Context, Outputs
from installer.errors import VerificationFailed
from installer.estate import keys
from installer.estate.parameters.images import flow_image_sign_in
from installer.images.context import DOCKERFILE, packed
from installer.images.file_mark import mark_of
from installer.images.flow_context import FLOWS_REPOSITORY, flow_context, flow_image
from installer.steps.image_build import BuildImage
from installer.steps.image_import import ImportImage
from installer.steps.image_push import AwaitPushedImage
from installer.steps.images import ProvideImage


@dataclass(frozen=True, kw_only=True)
class FlowImage(ProvideImage):
    """The image of a project.

    Attributes:
        files: Files of the project.
        base: The Prefect image with registry and digest.
        environment: The environment that asks for it; an image serves all of them.

    """

    files: Mapping[str, bytes]
    base: str
    environment: str

    @property
    def key(self) -> str:
        """One for each environment."""
        return keys.flow_image(self.environment)

    @property
    def title(self) -> str:
        """Title of the step."""
        return f"Image of the flows · {self.environment}"

    @property
    def image(self) -> str:
        """Repository and tag, which is a hash of the files."""
        return flow_image(self.files, self.base)

    def recorded(self) -> str:
        """Digest of the image that was provided for the same files, "" if there is none. Queries Azure."""
        found = self.arm.deployment(self.record_name)
        same = found is not None and found.state == "succeeded" and found.outputs.get("source") == self.source
        return str(found.outputs.get("digest")) if found is not None and same else ""

    @property
    def context_files(self) -> dict[str, bytes]:
        """Files of the build context."""
        return flow_context(self.files, self.base)


@dataclass(frozen=True, kw_only=True)
class BuildFlowImage(FlowImage, BuildImage):
    """Builds the image by a task run of the registry."""

    usual: ClassVar[float] = 90.0
    """Estimated: the base is in the registry."""

    @property
    def mark(self) -> str:
        """Short hash of the build context."""
        return mark_of(self.context_files)

    def archive(self) -> bytes:
        """The build context."""
        return packed(self.context_files)


@dataclass(frozen=True, kw_only=True)
class ImportFlowImage(FlowImage, ImportImage):
    """Imports an image that is built elsewhere, by its digest.

    Attributes:
        imported: The image of the other registry.

    """

    imported: str

    @property
    def image(self) -> str:
        """Repository and digest: the same in both registries."""
        return f"{FLOWS_REPOSITORY}@{self.imported.partition('@')[2]}"

    @property
    def origin(self) -> str:
        """The image of the command or of the answers."""
        return self.imported

    @property
    def sign_in(self) -> tuple[str, str]:
        """Those of the answers, for the registry that they are for."""
        return flow_image_sign_in(self.it, self.imported)


@dataclass(frozen=True, kw_only=True)
class AwaitFlowImage(FlowImage, AwaitPushedImage):
    """Waits until the customer has pushed the image, where the registry cannot build it.

    Attributes:
        folder: Folder on this machine with the build context.

    """

    folder: str

    def instructions(self) -> str:
        """Commands that build and push the image."""
        names = self.it.names
        where = " from a machine in the network" if self.it.private_registry else ""
        reference = f"{names.registry_host}/{self.image}"
        lines = (
            f"az acr login --name {names.registry}",
            f"docker build --platform linux/amd64 --tag {reference} --file {self.folder}/{DOCKERFILE} {self.folder}",
            f"docker push {reference}",
        )
        return "\n".join([f"Build the image of the flows and push it{where}:", *lines])


@dataclass(frozen=True, kw_only=True)
class PromoteFlowImage(FlowImage, BuildImage):
    """Takes the image that another environment runs, by its digest.

    Attributes:
        digest: Its digest.

    """

    digest: str

    def recorded(self) -> str:
        """The digest of the other environment."""
        return self.digest

    def check(self, context: Context) -> Outputs | None:
        """Done when the registry has the image."""
        return {"digest": self.digest} if self.exists(context, self.digest) else None

    def apply(self, context: Context) -> Outputs:  # noqa: ARG002  the same for every step
        """Only the other environment can build it again."""
        raise VerificationFailed(
            f"the registry no longer has {self.repository}@{self.digest}; deploy it to the other environment again"
        )
