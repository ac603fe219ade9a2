"""Container images of an installation: the lock of a kit for those who mirror them into a closed network."""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

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
        for one in answers
        for source, name in (
            (one.images.prefect_source, one.images.prefect_from),
            (one.images.web_source, one.images.web_from),
        )
        if source == "import" and name
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
