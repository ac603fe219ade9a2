"""Answers from other terminals: small files in the run's directory, polled by the running installer while a question is open."""

import json
import re
from contextlib import suppress
from pathlib import Path
from typing import Final

from installer.errors import UsageError
from installer.regular_files import read_regular

FOLDER: Final = "inbox"


def post(directory: Path, key: str, text: str) -> None:
    """Answer the open question of that key. Raises UsageError when the directory cannot be written to."""
    path = _path(directory, key)
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        new = path.with_suffix(".new")
        new.touch(mode=0o600)
        new.write_text(json.dumps(text), encoding="utf-8")
        new.replace(path)
    except OSError as error:
        raise UsageError(f"{path}: the answer cannot be left there: {error.strerror}") from error


def take(directory: Path, key: str) -> str | None:
    """Takes the answer left for a question; None while there is none."""
    path = _path(directory, key)
    try:
        text = json.loads(read_regular(path))
    except (OSError, ValueError):
        return None
    with suppress(OSError):
        path.unlink()
    return text if isinstance(text, str) else None


def _path(directory: Path, key: str) -> Path:
    return directory / FOLDER / f"{re.sub(r'[^A-Za-z0-9.-]', '_', key)}.json"
