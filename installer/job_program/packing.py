"""A program packed into environment variables, so that any image with its libraries can run it.

The image needs no part of the installer, and the program always has the version of this installer.
"""

import base64
import io
import json
import zipfile
from functools import cache
from typing import Final

from installer.jsontypes import Json
from installer.shipped_files import PACKAGE

SHARED_FILES: Final = (
    "__init__.py",
    "errors.py",
    "json_access.py",
    "jsontypes.py",
    "sanitize.py",
    "shipped_files.py",
    "job_program/__init__.py",
    "job_program/changes.py",
    "job_program/heartbeats.py",
    "job_program/output.py",
)
"""Files that every program needs."""
_PART: Final = 8000
"""Maximum length of a setting: longer ones may be cut when shown."""
_UNPACK: Final = """\
import base64, io, os, runpy, sys, tempfile, zipfile
with tempfile.TemporaryDirectory() as here:
    whole = lambda start: "".join(os.environ[name] for name in sorted(os.environ) if name.startswith(start))
    zipfile.ZipFile(io.BytesIO(base64.b64decode(whole("FLOWFORGE_PROGRAM_")))).extractall(here)
    os.environ["FLOWFORGE_ORDER"] = whole("FLOWFORGE_ORDER")
    sys.path.insert(0, here)
    os.environ["PYTHONPATH"] = here
    sys.argv = ["flowforge"]
    runpy.run_module("{module}", run_name="__main__")
"""


def command(module: str) -> list[Json]:
    """The command line that unpacks and runs a program.

    Args:
        module: Package with a `__main__`.

    """
    return ["python", "-c", _UNPACK.format(module=module)]


def settings(files: tuple[str, ...], order: Json) -> dict[str, Json]:
    """Environment variables with a program and its order.

    Args:
        files: Patterns of its files below the package, beside those that every program needs.
        order: Input of the program, which it reads from FLOWFORGE_ORDER; a long one is continued in FLOWFORGE_ORDER_01.

    """
    first, *others = _parts(json.dumps(order, sort_keys=True))
    return {
        **{
            f"FLOWFORGE_PROGRAM_{number:02}": part
            for number, part in enumerate(_parts(_packed((*SHARED_FILES, *files))))
        },
        "FLOWFORGE_ORDER": first,
        **{f"FLOWFORGE_ORDER_{number:02}": part for number, part in enumerate(others, 1)},
    }


def _parts(text: str) -> list[str]:
    return [text[start : start + _PART] for start in range(0, len(text), _PART)]


@cache
def _packed(patterns: tuple[str, ...]) -> str:
    """The packed files, reproducible byte by byte."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for pattern in patterns:
            for file in sorted(PACKAGE.glob(pattern)):
                entry = zipfile.ZipInfo(f"installer/{file.relative_to(PACKAGE).as_posix()}")
                archive.writestr(entry, file.read_bytes(), zipfile.ZIP_DEFLATED)
    return base64.b64encode(content.getvalue()).decode()
