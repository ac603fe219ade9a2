"""Input of all pipelines of an installation: its answers, their place in the repository, and the installer that is called."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from installer.answers.model import Answers
from installer.answers.pages.patterns import REFERENCE
from installer.errors import UsageError
from installer.estate.parameters.context import Installation
from installer.estate.parameters.images import IMAGE_KINDS, ImageKind, image_source
from installer.handover.pipelines.wheel import Wheel
from installer.sanitize import printable

PLAN: Final = "plan"
"""Name beside those of the environments: the identity of the jobs that make a plan."""
_RESERVED: Final = ("GITHUB_", "RUNNER_", "ACTIONS_", "SYSTEM_", "AGENT_", "BUILD_")
"""Beginnings of variables that belong to the platforms: docs.github.com/actions/reference/security/secrets (naming), and
learn.microsoft.com/azure/devops/pipelines/build/variables."""


_PATH: Final = re.compile(r"(?!-)[\w .,'+@=/-]+")
"""A path that is the same text in YAML, in a shell and in expressions of both platforms, which are replaced inside of quotes, too:
`${{ }}` (docs.github.com/actions/concepts/security/script-injections), `$( )` and `$[ ]`
(learn.microsoft.com/azure/devops/pipelines/process/variables), and which no filter of paths takes for a pattern."""


def is_branch(name: str) -> bool:
    """Whether a branch can be written into expressions and triggers of both platforms; all such names are valid in git.

    Source: git-scm.com/docs/git-check-ref-format. It also allows quotes and brackets, which would end the expression that compares the
    branch (`eq(variables['Build.SourceBranch'], 'refs/heads/…')`).
    """
    parts = name.split("/")
    return all(
        re.fullmatch(r"[A-Za-z0-9_+@-][A-Za-z0-9_+@.-]*", part)
        and ".." not in part
        and not part.endswith((".", ".lock"))
        for part in parts
    ) and not name.startswith(("-", "@"))


@dataclass(frozen=True)
class Content:
    """Content of the pipelines.

    Attributes:
        answers: The answers.
        file: Path of the answers file in the repository.
        wheel: The installer.
        branch: Branch that is deployed.
        runner: Label of the runners, or name of the agent pool, inside the network.

    """

    answers: Answers
    file: str
    wheel: Wheel
    branch: str
    runner: str

    @cached_property
    def it(self) -> Installation:
        """The installation."""
        return Installation(self.answers)

    @property
    def prefix(self) -> str:
        """Prefix of its names; it distinguishes the files of several installations in one repository."""
        return self.it.names.prefix

    @property
    def folder(self) -> str:
        """Folder of the files that no platform expects elsewhere."""
        return f"flowforge/{self.prefix}"

    @property
    def deploys(self) -> str:
        """The environment that approves last: a plan covers the whole installation, and is carried out at once."""
        return self.it.environments[-1]

    @property
    def promotes(self) -> bool:
        """Whether there are environments between which images can be promoted."""
        return len(self.it.environments) > 1

    def environment(self, name: str) -> str:
        """Name of an environment, or of PLAN, on the platform, and of its identity; unique among installations."""
        return f"{self.prefix}-{name}"

    @property
    def identities(self) -> tuple[str, ...]:
        """Names of the identities: that of the plan, and one per environment."""
        return (PLAN, *self.it.environments)

    @cached_property
    def secrets(self) -> tuple[str, ...]:
        """Environment variables from which the installer reads the secrets of the answers."""
        return tuple(sorted({reference.removeprefix("env:") for _, reference in self._references()}))

    @property
    def pushed(self) -> tuple[ImageKind, ...]:
        """Images that the customer pushes; the others are built or imported by Azure."""
        return tuple(kind for kind in IMAGE_KINDS if image_source(self.it, kind) == "push")

    @property
    def pushes_flows(self) -> bool:
        """Whether the image of the flows is built outside of the registry: tasks do not reach a private one."""
        return self.it.private_registry and not self.answers.flows.image_from

    def check(self) -> None:
        """Raises UsageError with all problems."""
        if problems := [*self.problems()]:
            raise UsageError("\n".join([f"{printable(self.file)}: a pipeline cannot use these answers:", *problems]))

    def problems(self) -> Iterator[str]:
        """Everything that no pipeline could do with these answers, a line each."""
        if not is_branch(self.branch):
            yield f"- --branch {self.branch}: write a branch of letters, digits and . _ / + @ -, such as main or release/1.0"
        if not re.fullmatch(r"[\w][\w .-]*", self.runner):
            yield f"- --runner {self.runner}: write a name of letters, digits, spaces and . _ -, such as flowforge"
        source = self.answers.flows.source
        for what, path in (("the answers file", self.file), ("flows.source", source)):
            if path and not _PATH.fullmatch(path):
                yield f"- {what}: {path!r}: use letters, digits, spaces and . _ - + @ = , ' in the names of files and folders"
        for key, reference in self._references():
            name = reference.removeprefix("env:")
            if reference.startswith("keyring:"):
                yield f"- {key}: {reference}: a runner has no keyring; use env:NAME, with a secret NAME of the platform"
            elif name.upper().startswith(_RESERVED):
                yield f"- {key}: {reference}: the platforms reserve names that begin so; use another name"
        if source and (Path(source).expanduser().is_absolute() or ".." in Path(source).parts):
            yield f"- flows.source: {source}: name it relative to the root of the repository"

    def _references(self) -> Iterator[tuple[str, str]]:
        """References to secrets, with the keys of their answers."""
        for page, values in self.answers.model_dump().items():
            for name, value in values.items() if isinstance(values, dict) else ():
                if isinstance(value, str) and re.fullmatch(REFERENCE, value):
                    yield f"{page}.{name}", value
