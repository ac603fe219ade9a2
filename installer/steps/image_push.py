"""Step: waits for an image that the customer pushes, and asks for its digest, which only the push reports."""

from dataclasses import dataclass
from typing import ClassVar, Final

from installer.engine.step import Context, Question
from installer.errors import WaitingForInput
from installer.estate.parameters.images import answered_digest
from installer.images.commands import push_commands
from installer.steps.images import ProvideImage

USUAL_SECONDS: Final = 10.0
"""Estimated, for an image that was pushed before."""


@dataclass(frozen=True, kw_only=True)
class AwaitPushedImage(ProvideImage):
    """Asks for the digest of a pushed image, unless the answers have it, and proves that the registry has the image."""

    usual: ClassVar[float] = USUAL_SECONDS
    proves_existence: ClassVar[bool] = True

    @property
    def usual_seconds(self) -> float:
        """Estimated."""
        return self.usual / self.arm.target.speed

    @property
    def source(self) -> str:
        """The image of the answers: another version has another tag or digest."""
        return f"push:{self.image}"

    def provide(self, context: Context) -> str:
        """The digest. Raises WaitingForInput with the commands when no user can answer, or the image is missing."""
        context.remember("begun", name=self.key, digest=self.source)
        if digest := answered_digest(self.it, self.kind, self.owner):
            if not self.exists(context, digest):
                raise WaitingForInput(f"{self.repository}@{digest} is not in the registry. {self.instructions()}")
            return digest
        problem = ""
        while True:
            text = f"{problem}{self.instructions()}\nWhich digest has docker push reported (sha256:…)?"
            digest = context.ask(Question(self.key, text, form="digest"))
            if self.exists(context, digest):
                return digest
            problem = f"The registry has no {self.repository}@{digest}. "

    def instructions(self) -> str:
        """Commands for the customer."""
        names = self.it.names
        lines = "\n".join(push_commands(names.registry, names.registry_host, self.image, self.kind))
        where = " from a machine in the network" if self.it.private_registry else ""
        return f"Push the image {names.registry_host}/{self.image}{where}:\n{lines}"
