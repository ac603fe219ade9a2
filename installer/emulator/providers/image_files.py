"""Files that the instructions of a Dockerfile copy into an image."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass
class ImageFiles:
    """Follows the instructions of a Dockerfile.

    Attributes:
        context: Content of the build context by path.
        copied: Content of the copied files by their path in the image.

    """

    context: Mapping[str, bytes]
    copied: dict[str, bytes] = field(default_factory=dict)
    _folder: PurePosixPath = field(default_factory=lambda: PurePosixPath("/"))

    def take(self, word: str, paths: Sequence[str]) -> None:
        """Take one instruction; a new stage begins with another base, and its files alone are kept."""
        if word == "FROM":
            self.copied.clear()
            self._folder = PurePosixPath("/")
        elif word == "WORKDIR" and paths:
            self._folder /= paths[0]
        elif word in ("COPY", "ADD") and len(paths) > 1:
            for source in paths[:-1]:
                self._copy(source.removeprefix("./").strip("/"), paths[-1], several=len(paths) > 2)

    def _copy(self, source: str, target: str, *, several: bool) -> None:
        """A folder is copied by its content; a file gets the name of the target, or keeps its own in a folder."""
        place = self._folder / target
        if source in self.context:
            named = place / PurePosixPath(source).name if several or target.endswith("/") else place
            self.copied[str(named)] = self.context[source]
            return
        inside = "" if source in ("", ".") else f"{source}/"
        for name, body in self.context.items():
            if name.startswith(inside):
                self.copied[str(place / name.removeprefix(inside))] = body
