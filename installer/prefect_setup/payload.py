"""The program that sets up Prefect, packed so that any image with Python and Prefect can run it: in its settings.

So nothing of the installer has to be in an image, and what runs inside the network is just what this installer is.
"""

import base64
import io
import json
import zipfile
from functools import cache
from typing import Final

from installer.jsontypes import Json
from installer.prefect_setup.model import Estate
from installer.shipped_files import PACKAGE

PACKED_FILES: Final = (
    "__init__.py",
    "errors.py",
    "jsontypes.py",
    "shipped_files.py",
    "prefect_setup/__init__.py",
    "prefect_setup/__main__.py",
    "prefect_setup/acceptance.py",
    "prefect_setup/changes.py",
    "prefect_setup/model.py",
    "prefect_setup/rest.py",
    "prefect_setup/client/*.py",
    "prefect_setup/project/*.py",
    "prefect_setup/project/*.yaml",
)
_PART: Final = 8000
"""Characters of a setting: what is shown of a long one may be cut."""
_UNPACK: Final = """\
import base64, io, os, runpy, sys, tempfile, zipfile
with tempfile.TemporaryDirectory() as here:
    parts = (os.environ[name] for name in sorted(os.environ) if name.startswith("FLOWFORGE_PROGRAM_"))
    zipfile.ZipFile(io.BytesIO(base64.b64decode("".join(parts)))).extractall(here)
    sys.path.insert(0, here)
    os.environ["PYTHONPATH"] = here
    sys.argv = ["flowforge"]
    runpy.run_module("installer.prefect_setup", run_name="__main__")
"""
COMMAND: Final[list[Json]] = ["python", "-c", _UNPACK]
"""Unpacks the program and runs it."""


@cache
def _packed() -> str:
    """The program; the same for the same files, byte by byte."""
    root, content = PACKAGE, io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for pattern in PACKED_FILES:
            for file in sorted(root.glob(pattern)):
                entry = zipfile.ZipInfo(f"installer/{file.relative_to(root).as_posix()}")
                archive.writestr(entry, file.read_bytes(), zipfile.ZIP_DEFLATED)
    return base64.b64encode(content.getvalue()).decode()


def _settings(order: Json) -> dict[str, Json]:
    packed = _packed()
    parts = [packed[start : start + _PART] for start in range(0, len(packed), _PART)]
    return {
        **{f"FLOWFORGE_PROGRAM_{number:02}": part for number, part in enumerate(parts)},
        "FLOWFORGE_ORDER": json.dumps(order, sort_keys=True),
    }


def to_apply(estate: Estate) -> dict[str, Json]:
    """Settings for making what an estate describes."""
    return _settings({"estate": estate.to_json()})


def to_prove(environment: str, key: str) -> dict[str, Json]:
    """Settings for proving an environment by a run of its canary; the same key is the same run."""
    return _settings({"canary": {"environment": environment, "key": key}})
