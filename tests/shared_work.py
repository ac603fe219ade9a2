"""Work that all processes of a test session share: one of them does it, under a lock, and the others wait for its result."""

import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from installer.json_access import JsonObject, as_object


def session_folder(factory: pytest.TempPathFactory) -> Path:
    """Folder of the whole session. Each worker of pytest-xdist has its own base folder in that of its controller."""
    own = factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


def made_once(session: Path, name: str, make: Callable[[Path], JsonObject]) -> tuple[Path, JsonObject]:
    """The folder and the result of a piece of work, done by the first process that asks for it.

    The system releases the lock of a process that dies, and its unfinished folder is not used again.

    Args:
        session: Folder of the whole session.
        name: Names the work in it.
        make: Fills an empty folder; its result has to be JSON.

    """
    place = session / name
    place.mkdir(exist_ok=True)
    finished = place / "finished.json"
    with FileLock(place / "lock"):
        if not finished.exists():
            folder = Path(tempfile.mkdtemp(prefix="attempt-", dir=place))
            whole = {"folder": str(folder), "result": make(folder)}
            written = place / "finished.json.new"
            written.write_text(json.dumps(whole), encoding="utf-8")
            written.replace(finished)
    found = as_object(json.loads(finished.read_text(encoding="utf-8")))
    return Path(str(found["folder"])), as_object(found["result"])
