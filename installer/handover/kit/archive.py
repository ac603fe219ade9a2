"""The archive: a tar file whose bytes depend only on its files and its time."""

import gzip
import io
import tarfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import IO, Final

from installer.errors import UsageError

SUFFIXES: Final = (".tar", ".tar.gz", ".tgz")
_EXECUTABLE: Final = frozenset({"install.sh"})


def check_place(out: Path) -> None:
    """Raise UsageError for another kind of file, or where none can be written: before minutes of fetching, not after them."""
    if not out.name.endswith(SUFFIXES):
        raise UsageError(f"-o {out}: accepted: FILE.tar, FILE.tar.gz or FILE.tgz")
    if out.is_dir():
        raise UsageError(f"-o {out}: is a folder")
    beside = _beside(out)
    try:
        beside.touch()
    except OSError as error:
        raise UsageError(f"-o {out}: {error.strerror or error}") from None
    beside.unlink(missing_ok=True)


def _beside(out: Path) -> Path:
    return out.with_name(f".{out.name}.new")


def write(out: Path, folder: str, files: Mapping[str, Path | bytes], made: datetime) -> None:
    """Write the archive beside its place and move it there; `files`: content by path within `folder`."""
    beside = _beside(out)
    try:
        with beside.open("wb") as raw:
            if out.name.endswith(".tar"):
                _fill(raw, folder, files, made)
            else:  # wheels are compressed already: a higher level costs minutes and saves little
                with gzip.GzipFile("", "wb", 1, raw, made.timestamp()) as packed:
                    _fill(packed, folder, files, made)
        beside.replace(out)
    except OSError as error:
        raise UsageError(f"-o {out}: {error.strerror or error}") from None
    finally:
        beside.unlink(missing_ok=True)


def _fill(stream: IO[bytes] | gzip.GzipFile, folder: str, files: Mapping[str, Path | bytes], made: datetime) -> None:
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name in sorted(files):
            content = files[name]
            entry = tarfile.TarInfo(f"{folder}/{name}")
            entry.mtime, entry.mode = int(made.timestamp()), 0o755 if name in _EXECUTABLE else 0o644
            if isinstance(content, bytes):
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))
            else:
                entry.size = content.stat().st_size
                with content.open("rb") as opened:
                    archive.addfile(entry, opened)
