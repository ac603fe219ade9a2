"""Programs that are carried into the network: each is whole in itself, and of the same version as the installer."""

import base64
import io
import zipfile
from pathlib import PurePosixPath

import pytest

from installer.database_setup import payload as database
from installer.database_setup.model import DatabaseOrder
from installer.job_program.packing import SHARED_FILES, settings
from installer.prefect_setup import payload as prefect
from installer.sanitize import MAX_CHARACTERS


def names(files: tuple[str, ...]) -> set[str]:
    parts = settings(files, {})
    packed = "".join(str(parts[name]) for name in sorted(parts) if name.startswith("FLOWFORGE_PROGRAM_"))
    return set(zipfile.ZipFile(io.BytesIO(base64.b64decode(packed))).namelist())


@pytest.mark.parametrize(
    ("files", "room"), [(database.PACKED_FILES, "database_setup"), (prefect.PACKED_FILES, "prefect_setup")]
)
def test_a_program_has_its_room_and_the_shared_files_only(files: tuple[str, ...], room: str) -> None:
    found = names(files)
    assert {f"installer/{name}" for name in SHARED_FILES} | {f"installer/{room}/__main__.py"} <= found
    rooms = {PurePosixPath(name).parts[1] for name in found if name.count("/") > 1}
    assert rooms == {"job_program", room}


def test_each_command_runs_its_program() -> None:
    assert 'run_module("installer.database_setup"' in str(database.COMMAND[-1])
    assert 'run_module("installer.prefect_setup"' in str(prefect.COMMAND[-1])


def test_no_part_is_ever_cut() -> None:
    parts = database.order_settings(DatabaseOrder((), ()))
    assert [name for name, value in parts.items() if len(str(value)) >= MAX_CHARACTERS] == []
