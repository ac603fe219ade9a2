"""Generated files among which people edit: written again without losing their changes, by a three-way merge.

The base of the merge, each file as it was generated last, is kept beside the files and belongs into the repository as they do.
`git merge-file` merges; it is everywhere where such files are kept. What it cannot merge stays as it is: the generated text is
written beside it, and once that is deleted, it counts as merged by hand.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from installer.answers.files import save
from installer.child_environment import of_system
from installer.errors import UsageError

GENERATED: Final = ".generated"
"""Suffix of a generated text beside a file that it could not be merged into."""
State = Literal["new", "as is", "updated", "edited", "merged", "deleted", "removed", "conflict"]
WORDS: Final[dict[State, str]] = {
    "new": "written",
    "as is": "unchanged",
    "updated": "updated",
    "edited": "kept as you have edited it; what is generated has not changed",
    "merged": "updated, with your changes kept",
    "deleted": "deleted by you, and not written again",
    "removed": "removed, since it is no longer generated",
    "conflict": "not changed",
}


@dataclass(frozen=True)
class Merged:
    """The result for one file.

    Attributes:
        name: Path within the directory.
        reason: Why a conflict was left to the user, and what to do; "" otherwise.

    """

    name: str
    state: State
    reason: str = ""

    def line(self) -> str:
        """One line about it."""
        return f"{self.name}: {WORDS[self.state]}{f': {self.reason}' if self.reason else ''}"


def merge_into(directory: Path, files: Mapping[str, str], base: str) -> tuple[Merged, ...]:
    """Write generated files into a directory, each atomically, and merge those that were edited.

    Args:
        directory: Root of the files.
        files: Generated text by path.
        base: Folder within the directory for the base of the next merge.

    Raises:
        UsageError: The directory cannot be read or written.

    """
    if directory.exists() and not directory.is_dir():
        raise UsageError(f"{directory}: is not a directory")
    root = directory / base
    before = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
    before = {name.removesuffix(GENERATED) for name in before}
    found = [_merged(directory, root, name, text) for name, text in sorted(files.items())]
    found += [_dropped(directory, root, name) for name in sorted(before - files.keys())]
    return tuple(found)


def _merged(directory: Path, root: Path, name: str, new: str) -> Merged:
    """Write one file; its base advances with it, but not in a conflict."""
    path, kept = directory / name, root / name
    _resolve(path, kept)
    base = _text(kept)
    if path.is_symlink() or (path.exists() and not path.is_file()):
        return Merged(name, "conflict", "it is not a file")
    current = _text(path)
    if current is None:
        if base is not None:
            save(kept, new)
            return Merged(name, "deleted")
        save(path, new)
        save(kept, new)
        return Merged(name, "new")
    if current == new:
        save(kept, new)
        return Merged(name, "as is")
    if base is None:
        return _conflict(path, kept, name, new, "it was not written by the installer")
    if current == base:
        save(path, new)
        save(kept, new)
        return Merged(name, "updated")
    if base == new:
        return Merged(name, "edited")
    together = _three_way(current, base, new)
    if together is None:
        return _conflict(path, kept, name, new, "your changes and the generated ones meet in the same lines")
    save(path, together)
    save(kept, new)
    return Merged(name, "merged")


def _conflict(path: Path, kept: Path, name: str, new: str, reason: str) -> Merged:
    """Leave the file, and write the generated text beside it; once that is deleted, the conflict is resolved."""
    beside = path.with_name(path.name + GENERATED)
    save(beside, new)
    save(kept.with_name(kept.name + GENERATED), new)
    text = f"{reason}; the generated text is in {name}{GENERATED}: take over what you want, then delete that file"
    return Merged(name, "conflict", text)


def _resolve(path: Path, kept: Path) -> None:
    """A conflict whose generated text was deleted is resolved: that text is the base from now on."""
    pending = kept.with_name(kept.name + GENERATED)
    text = _text(pending)
    if text is not None and not path.with_name(path.name + GENERATED).exists():
        save(kept, text)
        _delete(pending)


def _dropped(directory: Path, root: Path, name: str) -> Merged:
    """A file that is no longer generated: removed, unless it was edited."""
    path, kept = directory / name, root / name
    current, base = None if path.is_symlink() else _text(path), _text(kept)
    _delete(kept)
    _delete(kept.with_name(kept.name + GENERATED))
    if current is None or current == base:
        _delete(path)
        return Merged(name, "removed")
    return Merged(name, "conflict", "it is no longer generated, but you have edited it: delete it, or keep it as yours")


def _three_way(current: str, base: str, new: str) -> str | None:
    """Both changes together, None where they meet or without git."""
    git = shutil.which("git")
    if git is None:
        return None
    with tempfile.TemporaryDirectory(prefix="flowforge-") as folder:
        paths = [Path(folder) / name for name in ("yours", "before", "generated")]
        for path, text in zip(paths, (current, base, new), strict=True):
            path.write_text(text, encoding="utf-8", newline="")
        done = subprocess.run(
            [git, "merge-file", "-p", *map(str, paths)], capture_output=True, check=False, env=of_system()
        )
    return done.stdout.decode("utf-8") if done.returncode == 0 else None


def _text(path: Path) -> str | None:
    """Text of a file, None if it does not exist. Raises UsageError."""
    try:
        return path.read_bytes().decode("utf-8") if path.is_file() else None
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: is not UTF-8 text") from error


def _delete(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"{path}: cannot be deleted: {error.strerror}") from error
