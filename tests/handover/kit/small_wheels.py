"""Small wheels with the metadata that a test needs, and a lock of them."""

import hashlib
import zipfile
from pathlib import Path

METADATA = """Metadata-Version: 2.4
Name: {name}
Version: {version}
Summary: A package of the tests
{more}
"""


def wheel(folder: Path, name: str, version: str = "1.0", more: str = "", licence: str = "Do as you like.") -> Path:
    """Write a wheel; `more`: further header lines of its metadata."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(f"{name}/__init__.py", "")
        archive.writestr(
            f"{info}/METADATA", METADATA.format(name=name, version=version, more=more).strip() + "\n\nText."
        )
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
        if licence:
            archive.writestr(f"{info}/licenses/LICENSE.txt", licence)
    return file


def lock(*files: Path, marker: str = "") -> str:
    """A lock file with these wheels."""
    lines = ["# made by a test"]
    for file in files:
        name, version = file.name.split("-")[:2]
        code = hashlib.sha256(file.read_bytes()).hexdigest()
        lines += [f"{name}=={version}{f' ; {marker}' if marker else ''} \\", f"    --hash=sha256:{code}"]
    return "\n".join(lines) + "\n"
