"""Container images of an installation: the lock of a kit for those who mirror them into a closed network."""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from installer.estate.parameters.context import Installation
from installer.estate.parameters.images import image_source, image_uses, imported_from
from installer.handover.kit.lock import locked

if TYPE_CHECKING:
    from installer.answers.model import Answers
    from installer.jsontypes import Json

_BASE: Final = re.compile(r"^ARG BASE=(\S+)$", re.MULTILINE)


def base_image(folder: Path) -> str:
    """The image that the Prefect image is built on, from its Dockerfile in `folder`."""
    found = _BASE.search((folder / "Dockerfile").read_text(encoding="utf-8"))
    if found is None:
        raise ValueError("the Dockerfile names no base image")
    return found[1]


def image_references(folder: Path, answers: Iterable["Answers"]) -> tuple[str, ...]:
    """The base image, and every image that the answers import, each once."""
    imported = [
        name
        for it in map(Installation, answers)
        for use in image_uses(it)
        if image_source(it, use.kind) == "import" and (name := imported_from(it, use.kind, use.environment))
    ]
    return tuple(dict.fromkeys([base_image(folder), *imported]))


def images_lock(folder: Path, answers: Iterable["Answers"]) -> str:
    """The lock as JSON: references of the images, and the packages that the Prefect image consists of, with their hashes."""
    packages: list[Json] = [
        {"name": one.name, "version": one.version, "marker": one.marker, "hashes": [*sorted(one.hashes)]}
        for one in locked((folder / "requirements.lock").read_text(encoding="utf-8"))
    ]
    references: list[Json] = [*image_references(folder, answers)]
    body: dict[str, Json] = {"images": references, "prefect": {"base": references[0], "packages": packages}}
    return json.dumps(body, indent=1) + "\n"
