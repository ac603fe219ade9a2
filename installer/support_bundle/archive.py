"""Archive of a support bundle: a reproducible zip file, read as untrusted input.

Nothing is extracted to disk: files have known names, are read into memory up to a limit, and any other file is rejected.
"""

import hashlib
import json
import lzma
import os
import zipfile
import zlib
from collections.abc import Sequence
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Final

import installer
from installer.errors import UsageError
from installer.jsontypes import Json
from installer.regular_files import refuse_special
from installer.support_bundle.contents import Entry

FORMAT: Final = 1
MANIFEST: Final = "bundle.json"
FILES: Final = ("versions.json", "answers.yaml", "plan.json", "journal.jsonl", "events.jsonl", "installer.log")
MAX_BYTES: Final = 64_000_000
"""Limit for one uncompressed file; the events of a run with a thousand resources have about 1 MB."""
_DATE: Final = (1980, 1, 1, 0, 0, 0)


def manifest(run: str, entries: Sequence[Entry], unreadable: Sequence[str], *, pseudonymised: bool) -> Entry:
    """The manifest: first file of a bundle, with a list of the others."""
    content: dict[str, Json] = {
        "kind": "flowforge-support-bundle",
        "format": FORMAT,
        "installer": installer.__version__,
        "run": run,
        "pseudonymised": pseudonymised,
        "unreadable": list(unreadable),
        "files": [
            {
                "name": entry.name,
                "bytes": len(entry.content),
                "sha256": hashlib.sha256(entry.content).hexdigest(),
                "holds": entry.holds,
            }
            for entry in entries
        ],
    }
    text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
    return Entry(MANIFEST, "contents of this bundle", text.encode("utf-8", "replace"))


def write(path: Path, entries: Sequence[Entry]) -> None:
    """Write the archive, readable only for its owner. Raises UsageError if it cannot be written."""
    memory = BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        for entry in entries:
            info = zipfile.ZipInfo(entry.name, _DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3
            info.external_attr = 0o100600 << 16
            archive.writestr(info, entry.content, compresslevel=9)
    temporary = path.with_name(f".{path.name}.new")
    try:
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(memory.getvalue())
        temporary.chmod(0o600)  # a leftover file may have other permissions
        temporary.replace(path)
    except OSError as error:
        with suppress(OSError):  # a read-only directory refuses this as well
            temporary.unlink(missing_ok=True)
        raise UsageError(f"{path}: the bundle cannot be written: {error.strerror}") from error


def read(path: Path) -> tuple[dict[str, Json], dict[str, bytes]]:
    """The manifest of an archive and its files by name. Raises UsageError if it is not a support bundle."""
    try:
        refuse_special(path)
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if MANIFEST not in names:
                raise UsageError(f"{path}: not a support bundle: {MANIFEST} is missing")
            known = _manifest(path, _content(path, archive, MANIFEST))
            strange = [name for name in names if name not in (MANIFEST, *FILES)]
            if strange or len(set(names)) != len(names):
                raise UsageError(f"{path}: not a support bundle of format {FORMAT}: it has unexpected files")
            found = {name: _content(path, archive, name) for name in names if name != MANIFEST}
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (
        zipfile.BadZipFile,
        zlib.error,
        lzma.LZMAError,
        EOFError,
        NotImplementedError,
        RuntimeError,
        ValueError,
    ) as error:
        raise UsageError(f"{path}: the bundle is damaged: {error!s:.200}") from error
    _check_digests(path, known, found)
    return known, found


def _content(path: Path, archive: zipfile.ZipFile, name: str) -> bytes:
    """Content of a file, independent of its declared size."""
    with archive.open(name) as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise UsageError(f"{path}: {name} is larger than {MAX_BYTES // 1_000_000} MB, the limit for a support bundle")
    return content


def _manifest(path: Path, content: bytes) -> dict[str, Json]:
    try:
        raw = json.loads(content)
    except (ValueError, RecursionError):
        raise UsageError(f"{path}: the bundle is damaged: {MANIFEST} is not JSON") from None
    if not isinstance(raw, dict) or raw.get("kind") != "flowforge-support-bundle":
        raise UsageError(f"{path}: not a support bundle: {MANIFEST} is of another kind")
    if raw.get("format") != FORMAT:
        written = str(raw.get("installer"))[:20]
        raise UsageError(
            f"{path}: a bundle of format {str(raw.get('format'))[:20]}, which this version does not support; "
            f"install flowforge-installer {written} or newer"
        )
    return raw


def _check_digests(path: Path, known: dict[str, Json], found: dict[str, bytes]) -> None:
    listed = known.get("files")
    digests = (
        {str(row.get("name")): row.get("sha256") for row in listed if isinstance(row, dict)}
        if isinstance(listed, list)
        else {}
    )
    wrong = [name for name, content in found.items() if digests.get(name) != hashlib.sha256(content).hexdigest()]
    missing = [name for name in digests if name not in found]
    if wrong or missing:
        raise UsageError(f"{path}: the bundle is damaged: {', '.join(wrong + missing)[:100]} missing or changed")
