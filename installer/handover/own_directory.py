"""A directory of files that the installer writes again and again, among which nothing of others is overwritten.

A list beside the files has the digest of each: a file that is not in it, or that was changed since, is left alone.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from installer.answers.files import save
from installer.errors import UsageError
from installer.json_access import as_list, as_object

if TYPE_CHECKING:
    from installer.jsontypes import Json

LIST: Final = ".flowforge-files.json"
_VERSION: Final = 1


def write(directory: Path, files: Mapping[str, str]) -> None:
    """Write files by their paths within a directory, each atomically, and delete those that it no longer has.

    The list is written first, with the digests before and after: after an interruption, every file is still known.
    Raises UsageError with all files of others that are in the way; then nothing was written.
    """
    if directory.exists() and not directory.is_dir():
        raise UsageError(f"{directory}: is not a directory")
    before = _listed(directory)
    if problems := list(_in_the_way(directory, files, before)):
        raise UsageError("\n".join(["nothing was written:", *(f"- {problem}" for problem in problems)]))
    after = {name: [_digest(text.encode())] for name, text in files.items()}
    both = {name: [*before.get(name, ()), *after.get(name, ())] for name in {**before, **after}}
    _save_list(directory, both)
    for name, text in files.items():
        save(directory / name, text)
    for name in before.keys() - files.keys():
        _delete(directory / name)
    _save_list(directory, after)


def _in_the_way(directory: Path, files: Mapping[str, str], before: Mapping[str, list[str]]) -> Iterator[str]:
    for name in sorted({*files, *before}):
        path = directory / name
        if not path.exists() and not path.is_symlink():
            continue
        if path.is_symlink() or not path.is_file():
            yield f"{path}: is not a file"
        elif name not in before:
            yield f"{path}: was not written by the installer"
        elif _digest(_content(path)) not in before[name]:
            yield f"{path}: was changed since the installer wrote it"


def _listed(directory: Path) -> dict[str, list[str]]:
    """Digests of the files of the installer, by path; empty without a list. Raises UsageError for a damaged one."""
    path = directory / LIST
    if not path.exists():
        return {}
    try:
        content: Json = json.loads(_content(path))
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path}: is damaged; use another directory") from error
    found = as_object(as_object(content).get("files"))
    if as_object(content).get("version") != _VERSION or not all(map(_inside, found)):
        raise UsageError(f"{path}: is damaged or of another version; use another directory")
    return {name: [str(one) for one in as_list(digests)] for name, digests in found.items()}


def _inside(name: str) -> bool:
    """Whether a path stays in the directory: lists can be edited."""
    return ".." not in Path(name).parts and not Path(name).is_absolute()


def _save_list(directory: Path, digests: Mapping[str, list[str]]) -> None:
    content = {"version": _VERSION, "files": dict(sorted(digests.items()))}
    save(directory / LIST, json.dumps(content, indent=2) + "\n")


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error


def _delete(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"{path}: cannot be deleted: {error.strerror}") from error
