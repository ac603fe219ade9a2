"""Temporary folders outside the state: for sockets, whose paths are short, and for files that another user has to enter."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from pathlib import Path


def temporary_folder(home: Path, name: str) -> Path:
    """A new temporary folder. Its path is noted in the state, so that the next start removes it after kill -9."""
    note = home / f"{name}.path"
    with contextlib.suppress(OSError):
        shutil.rmtree(note.read_text(encoding="utf-8"), ignore_errors=True)
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder = tempfile.mkdtemp(prefix="flowforge-")
    note.write_text(folder, encoding="utf-8")
    return Path(folder)
