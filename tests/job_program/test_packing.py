"""Programs that are carried into the network: each is whole in itself, and of the same version as the installer."""

import base64
import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import pytest

from installer.database_setup import payload as database
from installer.database_setup.model import DatabaseOrder
from installer.job_program.packing import SHARED_FILES, command, settings
from installer.prefect_setup import payload as prefect
from installer.sanitize import MAX_CHARACTERS

if TYPE_CHECKING:
    from installer.jsontypes import Json


def names(files: tuple[str, ...]) -> set[str]:
    parts = settings(files, {})
    packed = "".join(str(parts[name]) for name in sorted(parts) if name.startswith("FLOWFORGE_PROGRAM_"))
    return set(zipfile.ZipFile(io.BytesIO(base64.b64decode(packed))).namelist())


@pytest.mark.parametrize(
    ("files", "room", "more"),
    [
        (database.PACKED_FILES, "database_setup", set()),
        (prefect.PACKED_FILES, "prefect_setup", {"database_setup", "flow_project", "images"}),
    ],
)
def test_a_program_has_its_room_and_the_shared_files_only(files: tuple[str, ...], room: str, more: set[str]) -> None:
    found = names(files)
    assert {f"installer/{name}" for name in SHARED_FILES} | {f"installer/{room}/__main__.py"} <= found
    rooms = {PurePosixPath(name).parts[1] for name in found if name.count("/") > 1}
    assert rooms == {"job_program", room, *more}


def test_each_command_runs_its_program() -> None:
    assert 'run_module("installer.database_setup"' in str(database.COMMAND[-1])
    assert 'run_module("installer.prefect_setup"' in str(prefect.COMMAND[-1])


def test_no_part_is_ever_cut() -> None:
    parts = database.order_settings(DatabaseOrder((), ()))
    assert [name for name, value in parts.items() if len(str(value)) >= MAX_CHARACTERS] == []


def test_a_long_order_is_in_parts_that_the_program_joins() -> None:
    order: Json = {"text": "é" * 30_000}
    found = settings((), order)
    assert all(len(str(value)) < MAX_CHARACTERS for value in found.values())
    assert len([name for name in found if name.startswith("FLOWFORGE_ORDER")]) > 10
    shown = "import os, sys; sys.stdout.write(os.environ['FLOWFORGE_ORDER'])"
    script = str(command("none")[2]).partition("    sys.argv")[0]
    env = {**os.environ, **{name: str(value) for name, value in found.items()}}
    done = subprocess.run([sys.executable, "-c", f"{script}\n{shown}"], env=env, capture_output=True, check=True)
    assert json.loads(done.stdout) == order
