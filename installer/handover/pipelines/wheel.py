"""The wheel of the installer that pipelines install: its version and its hash, and the lock with everything that it needs."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from installer.errors import UsageError
from installer.shipped_files import installer_lock

_NAME: Final = re.compile(r"flowforge_installer-([0-9][0-9A-Za-z.+!]*)-py3-none-any\.whl")


@dataclass(frozen=True)
class Wheel:
    """A wheel of the installer.

    Attributes:
        version: Its version.
        digest: SHA-256 of the file.

    """

    version: str
    digest: str

    def lock(self) -> str:
        """A requirements file with hashes: the installer, and the versions that it was tested with."""
        own = f"flowforge-installer=={self.version} \\\n    --hash=sha256:{self.digest}\n"
        packages = "".join(line for line in installer_lock().splitlines(keepends=True) if not line.startswith("#"))
        return f"# The installer and its packages, for pip install --require-hashes.\n{own}{packages}"


def read_wheel(path: Path) -> Wheel:
    """The wheel at a path. Raises UsageError if it is none of the installer."""
    named = _NAME.fullmatch(path.name)
    if named is None:
        raise UsageError(
            f"--wheel {path}: is not named like a wheel of the installer, flowforge_installer-VERSION-py3-none-any.whl"
        )
    try:
        with path.open("rb") as file:
            return Wheel(named[1], hashlib.file_digest(file, "sha256").hexdigest())
    except OSError as error:
        raise UsageError(f"--wheel {path}: cannot be read: {error.strerror}") from error
