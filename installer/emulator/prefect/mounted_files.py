"""Files with secrets of a key vault that containers mount, on this machine: they end with the session, as tokens do."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from installer.emulator.certificates import self_signed
from installer.emulator.prefect.local import digest
from installer.emulator.prefect.local_program import tls_files

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from installer.emulator.providers.kubernetes.workloads import Container

_PEM: Final = "-----BEGIN "


@dataclass
class MountedFiles:
    """Writes them.

    Attributes:
        home: Folder of all files.
        value: Returns the value of a version of a secret.

    """

    home: Path
    value: Callable[[str], str]
    _pairs: dict[str, str] = field(default_factory=dict)

    def write(self, where: str, container: Container) -> dict[str, str]:
        """Write the files of a container; returns the local path by the path in the container."""
        folder = self.home / digest(where)
        found = {}
        for path, reference in container.files.items():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            file = folder / PurePosixPath(path).name
            content = self._pairs.get(_secret_of(reference)) or self.value(reference)
            file.touch(mode=0o600)
            if file.read_text(encoding="utf-8") != content:  # another replica may be reading it
                file.write_text(content, encoding="utf-8")
            found[path] = str(file)
        return found

    def remove(self, where: str) -> None:
        """Remove the files of a container."""
        shutil.rmtree(self.home / digest(where), ignore_errors=True)

    def clear(self) -> None:
        """Remove all files."""
        shutil.rmtree(self.home, ignore_errors=True)

    def replace_lost_pair(self, container: Container) -> None:
        """Make another key and certificate for a server whose own are of an earlier session, and kept in no keyring.

        It gets them, and so do clients that start after it, for the same secrets.
        """
        paths = tls_files(container.command)
        references = [container.files.get(path, "") for path in paths or ()]
        if not references or not all(references) or not container.names:
            return
        if not all(self.value(one).startswith(_PEM) or _secret_of(one) in self._pairs for one in references):
            made = self_signed(container.names)
            self._pairs.update(zip(map(_secret_of, references), made, strict=True))


def _secret_of(reference: str) -> str:
    """A secret ("vault/name") without the version that a reference has."""
    return "/".join(reference.split("/")[:2]).lower()
