"""Step: imports an image by digest from another registry, through Resource Manager."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from installer.engine.step import Context
from installer.estate.parameters.images import imported_from
from installer.secret_store import Secrets
from installer.steps.images import ProvideImage

if TYPE_CHECKING:
    from installer.jsontypes import Json

USUAL_SECONDS: Final = 60.0
"""Estimated: a copy between registries."""


@dataclass(frozen=True, kw_only=True)
class ImportImage(ProvideImage):
    """Imports an image. Credentials are read at the import and only sent."""

    secrets: Secrets
    usual: ClassVar[float] = USUAL_SECONDS
    proves_existence: ClassVar[bool] = True

    @property
    def usual_seconds(self) -> float:
        """Estimated."""
        return self.usual / self.arm.target.speed

    @property
    def origin(self) -> str:
        """The image of the other registry, by digest."""
        return imported_from(self.it, self.kind, self.owner)

    @property
    def sign_in(self) -> tuple[str, str]:
        """User of the other registry and the reference to the password; "" for none."""
        images = self.it.answers.images
        return images.user, images.password

    @property
    def source(self) -> str:
        """The image of the other registry."""
        return f"import:{self.origin}:{self.image}"

    def provide(self, context: Context) -> str:
        """Import the image; with its tag, if it has one here."""
        context.remember("begun", name=self.key, digest=self.source)
        context.emit("resource.started", f"imported from {self.origin}", resource=self.image, type="image")
        registry, _, image = self.origin.partition("/")
        source: dict[str, Json] = {"registryUri": registry, "sourceImage": image}
        user, reference = self.sign_in
        if user:
            password = self.secrets.resolve(reference).get_secret_value()
            source["credentials"] = {"username": user, "password": password}
        self.import_image(context, source, untagged="@" in self.image)
        return self.origin.partition("@")[2]
