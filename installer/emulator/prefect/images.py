"""Files of built images on this machine: processes in place of containers find the customer's flows in them.

The packages that an image adds to its base are not installed: `missing_packages` names those that this machine lacks.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from installer.emulator.prefect.local import image_python
from installer.images.flow_context import IMAGE_PROJECT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from installer.emulator.providers.kubernetes.workloads import Container

ORDER: Final = "FLOWFORGE_ORDER"
"""First setting with the order of a program (installer/job_program/packing.py)."""
_DIGEST: Final = re.compile(r"@sha256:([0-9a-f]{64})$")
_REQUIREMENTS: Final = "/tmp/requirements.txt"  # noqa: S108  in the image
_NAME: Final = re.compile(r"^\s*([A-Za-z0-9][A-Za-z0-9._-]*)", re.MULTILINE)


@dataclass(frozen=True)
class LocalImages:
    """Files of images below a folder.

    Attributes:
        home: Folder with one folder for each image.

    """

    home: Path

    def keep(self, digest: str, files: Mapping[str, bytes]) -> None:
        """Write the files of an image. Their names come from an archive and stay in its folder."""
        folder = self._folder(digest.removeprefix("sha256:"))
        for name, body in files.items():
            path = PurePosixPath(name)
            if ".." in path.parts:
                continue
            file = folder.joinpath(*path.parts[1:])
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            file.write_bytes(body)
        missing = sorted(_wanted(files.get(_REQUIREMENTS, b"")) - _installed()) if _REQUIREMENTS in files else []
        if missing:
            (folder / "missing.json").write_text(json.dumps(missing), encoding="utf-8")

    def with_paths(self, container: Container) -> Container:
        """A container whose order has paths of this machine in place of those of its image."""
        names = sorted(name for name in container.settings if name.startswith(ORDER))
        found, order = _DIGEST.search(container.image), "".join(container.settings[name] for name in names)
        folder = self._folder(found[1]) if found else None
        if folder is None or not folder.is_dir() or IMAGE_PROJECT not in order:
            return container
        local = order.replace(IMAGE_PROJECT, f"{folder}{IMAGE_PROJECT}")
        return replace(container, settings={**container.settings, **dict.fromkeys(names, ""), ORDER: local})

    def missing_packages(self) -> list[str]:
        """Packages that images add and this machine does not have."""
        found: set[str] = set()
        for file in self.home.glob("*/missing.json"):
            found.update(json.loads(file.read_text(encoding="utf-8")))
        return sorted(found)

    def _folder(self, digest: str) -> Path:
        return self.home / digest[:16]


def _wanted(requirements: bytes) -> set[str]:
    text = requirements.decode("utf-8", errors="replace")
    return {_normal(name) for name in _NAME.findall(text)}


def _installed() -> set[str]:
    """Names of the packages beside the Python of the Prefect image."""
    library = Path(image_python()).parent.parent / "lib"
    return {_normal(one.name.partition("-")[0]) for one in library.glob("python*/site-packages/*.dist-info")}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
