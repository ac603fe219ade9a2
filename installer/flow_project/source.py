"""Files of a project, read from a folder or from an archive of git or GitHub.

Nothing outside the folder is read: links that lead out of it and archives with such paths are problems. Sizes are limited while
reading, because an archive may unpack to far more than it declares.
"""

import io
import lzma
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final

from installer.regular_files import refuse_special
from installer.sanitize import printable

PROJECT_FILE: Final = "prefect.yaml"
MAX_BYTES: Final = 50_000_000
"""Of all files; a build context of a registry is uploaded at once."""
MAX_FILES: Final = 5_000
_IGNORED: Final = frozenset(
    {".git", ".venv", "__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache", "node_modules"}
)
_SETTINGS: Final = ".env"
"""File of environment variables, also with an ending (.env.local). Tools keep it beside the code and out of git because it holds
secrets (docs.prefect.io/v3/concepts/settings-and-profiles: Prefect reads it, too), and all who may pull an image can read its files."""
_DAMAGE: Final = (zlib.error, lzma.LZMAError)
"""Errors of damaged content that zipfile passes on."""
_ARCHIVES: Final = (".tar.gz", ".tgz", ".tar", ".zip")


@dataclass
class Source:
    """Content of the files by their path in the project, what is wrong with them, and files of settings that are left out."""

    files: dict[str, bytes] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    _size: int = 0

    def add(self, name: str, body: bytes) -> bool:
        """Add a file; False if the project is too large by now."""
        self._size += len(body)
        if self._size > MAX_BYTES or len(self.files) >= MAX_FILES:
            self.problems.append(
                f"more than {MAX_BYTES // 1_000_000} MB or {MAX_FILES} files; leave out data and caches"
            )
            return False
        self.files[name] = body
        return True

    @property
    def room(self) -> int:
        """Bytes that may be read next: one more than allowed, so that too much is noticed."""
        return MAX_BYTES - self._size + 1


def read_source(given: str) -> Source:
    """The files of a folder or an archive; a problem for each file that cannot be taken."""
    path = Path(given).expanduser()
    try:
        if path.is_dir():
            found = _from_folder(path)
        elif not path.exists():
            return Source(
                problems=[f"{path.absolute()} does not exist; name a folder with {PROJECT_FILE}, or an archive of it"]
            )
        elif not path.name.lower().endswith(_ARCHIVES):
            return Source(problems=[f"{given} is neither a folder nor an archive ({', '.join(_ARCHIVES)})"])
        else:
            found = _without_top_folder(_from_archive(path))
    except (OSError, EOFError, tarfile.TarError, zipfile.BadZipFile, RuntimeError, ValueError, *_DAMAGE) as error:
        return Source(problems=[printable(f"{given} cannot be read: {error or type(error).__name__}")])
    found.problems = [printable(one) for one in found.problems]  # they name files of an archive
    if PROJECT_FILE not in found.files and not found.problems:
        found.problems.append(f"{given} has no {PROJECT_FILE} at its top; `prefect init` writes one")
    return found


def _from_folder(folder: Path) -> Source:
    found, root = Source(), folder.resolve()
    for path in _below(folder):
        name = path.relative_to(folder).as_posix()
        if _has_settings(name):
            found.left_out.append(name)
        elif path.is_symlink() and not path.resolve().is_relative_to(root):
            found.problems.append(f"{name} is a link that leads out of the folder; copy the file instead")
        elif path.is_file():
            with path.open("rb") as file:
                if not found.add(name, file.read(found.room)):
                    break
        elif path.exists() and not path.is_dir():
            found.problems.append(f"{name} is not a file")
    return found


def _below(folder: Path) -> Iterator[Path]:
    """Everything below a folder but caches; links to folders are not followed."""
    for path in sorted(folder.iterdir()):
        if path.name in _IGNORED:
            continue
        yield path
        if path.is_dir() and not path.is_symlink() and not _has_settings(path.name):
            yield from _below(path)


def _from_archive(path: Path) -> Source:
    refuse_special(path)
    packed = io.BytesIO(path.read_bytes()) if path.stat().st_size <= MAX_BYTES else None
    if packed is None:
        return Source(problems=[f"{path.name} is larger than {MAX_BYTES // 1_000_000} MB"])
    return _from_zip(packed) if path.name.lower().endswith(".zip") else _from_tar(packed)


def _from_tar(packed: io.BytesIO) -> Source:
    found = Source()
    with tarfile.open(fileobj=packed, mode="r:*") as archive:
        for number, entry in enumerate(archive):
            if number > 2 * MAX_FILES:
                found.problems.append(f"more than {MAX_FILES} files")
                break
            name = _safe(entry.name)
            if name is None:
                found.problems.append(f"{entry.name} leads out of the archive")
            elif entry.isfile():
                body = archive.extractfile(entry)
                if not found.add(name, body.read(found.room) if body else b""):
                    break
            elif not entry.isdir():
                found.problems.append(f"{name} is a link or a device; archives may contain files only")
    return found


def _from_zip(packed: io.BytesIO) -> Source:
    found = Source()
    with zipfile.ZipFile(packed) as archive:
        for entry in archive.infolist()[: 2 * MAX_FILES]:
            name, mode = _safe(entry.filename), entry.external_attr >> 16
            if name is None:
                found.problems.append(f"{entry.filename} leads out of the archive")
            elif stat.S_ISLNK(mode):
                found.problems.append(f"{name} is a link; archives may contain files only")
            elif not entry.is_dir():
                with archive.open(entry) as body:
                    if not found.add(name, body.read(found.room)):
                        break
    return found


def _safe(name: str) -> str | None:
    """The path in normal form; None if it leads out of the archive."""
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in name.partition("/")[0]:
        return None
    return path.as_posix()


def _without_top_folder(found: Source) -> Source:
    """GitHub and `git archive --prefix` put everything into one folder."""
    tops = {name.partition("/")[0] for name in found.files}
    if len(tops) == 1 and PROJECT_FILE not in found.files:
        (top,) = tops
        found.files = {name.removeprefix(f"{top}/"): body for name, body in found.files.items()}
    found.files = {n: b for n, b in found.files.items() if not _IGNORED.intersection(PurePosixPath(n).parts)}
    found.left_out = sorted(name for name in found.files if _has_settings(name))
    found.files = {name: body for name, body in found.files.items() if name not in found.left_out}
    return found


def _has_settings(path: str) -> bool:
    """Whether a path leads to a file of environment variables or into a folder with such a name."""
    return any(part == _SETTINGS or part.startswith(f"{_SETTINGS}.") for part in PurePosixPath(path).parts)


def decoded(files: Mapping[str, bytes], name: str) -> str | None:
    """Text of a file; None if it is not UTF-8."""
    try:
        return files[name].decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
