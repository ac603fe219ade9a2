"""The setup program packed into environment variables, so that any image with Python and Prefect can run it.

The image needs no part of the installer, and the program always has the version of this installer.
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
    "json_access.py",
    "jsontypes.py",
    "sanitize.py",
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
"""Maximum length of a setting: longer ones may be cut when shown."""
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
"""Unpacks and runs the program."""


@cache
def _packed() -> str:
    """The packed program, reproducible byte by byte."""
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


def registration_settings(estate: Estate) -> dict[str, Json]:
    """Settings to apply an estate."""
    return _settings({"estate": estate.to_json()})


def canary_settings(environment: str, key: str) -> dict[str, Json]:
    """Settings to run the canary of an environment; the same key is the same run."""
    return _settings({"canary": {"environment": environment, "key": key}})
