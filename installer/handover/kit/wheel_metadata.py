"""Metadata of a wheel: name, version, licence with its texts, requirements.

Fields: packaging.python.org/en/latest/specifications/core-metadata/ (License-Expression since version 2.4).
"""

import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from pathlib import Path, PurePosixPath
from typing import Final

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from installer.sanitize import clean

UNKNOWN: Final = "not stated"
_CLASSIFIER: Final = "License :: "
_TEXT_NAMES: Final = ("license", "licence", "copying", "notice", "authors")
_MAX_NAME: Final = 80


@dataclass(frozen=True)
class WheelMetadata:
    """A wheel.

    Attributes:
        name: normalised name.
        licence: SPDX expression, name of the licence, or UNKNOWN.
        is_expression: whether `licence` is an SPDX expression.
        licence_texts: text of each licence file, by its name in the wheel.
        requires: normalised names of the packages that it requires, without those of its extras.

    """

    file: str
    name: str
    version: str
    summary: str
    licence: str
    is_expression: bool
    licence_texts: Mapping[str, str]
    requires: tuple[str, ...]


def read_wheel(file: Path, environment: Mapping[str, str]) -> WheelMetadata:
    """Read a wheel; `environment`: values of markers on the machine that it is for."""
    with zipfile.ZipFile(file) as archive:
        names = archive.namelist()
        own = next(name for name in names if _is_metadata(name))
        headers = BytesHeaderParser().parsebytes(archive.read(own))
        texts = {
            name: clean(archive.read(name).decode("utf-8", "replace")).strip()
            for name in names
            if _is_licence(PurePosixPath(name), PurePosixPath(own).parent)
        }
    expression = _text(headers.get("License-Expression"))
    return WheelMetadata(
        file.name,
        canonicalize_name(_text(headers.get("Name"))),
        _text(headers.get("Version")),
        _text(headers.get("Summary")),
        expression or _named(headers.get_all("Classifier", []), _text(headers.get("License"))),
        bool(expression),
        texts,
        tuple(sorted(_requires(headers.get_all("Requires-Dist", []), environment))),
    )


def _is_metadata(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return len(parts) == 2 and parts[0].endswith(".dist-info") and parts[1] == "METADATA"


def _is_licence(path: PurePosixPath, info: PurePosixPath) -> bool:
    inside = path.is_relative_to(info) and (path.parent == info or "licenses" in path.parts)
    return inside and path.name.lower().startswith(_TEXT_NAMES)


def _text(value: object) -> str:
    return " ".join(clean(str(value)).split()) if value is not None else ""


def _named(classifiers: list[str], licence: str) -> str:
    """The licence of packages without an expression: classifiers first, as the old field often has the whole text."""
    found = [one.rpartition(" :: ")[2] for one in classifiers if one.startswith(_CLASSIFIER)]
    found = [_text(one) for one in found if one != "OSI Approved"]
    return "; ".join(found) or (licence if licence and len(licence) <= _MAX_NAME else UNKNOWN)


def _requires(lines: list[str], environment: Mapping[str, str]) -> Iterator[str]:
    for line in lines:
        try:
            one = Requirement(line)
        except InvalidRequirement:
            continue  # an old form; pip has resolved it by the lock
        if one.marker is None or one.marker.evaluate({**environment, "extra": ""}):
            yield canonicalize_name(one.name)
