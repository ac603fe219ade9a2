"""Build context of the Prefect image: Dockerfile, locked packages and flows, as a reproducible archive. Pure."""

import gzip
import io
import re
import tarfile
from collections.abc import Mapping
from functools import cache
from typing import Final

from installer.images.file_mark import mark_of
from installer.shipped_files import flow_project, prefect_image

DOCKERFILE: Final = "Dockerfile"
_FLOWS: Final = "flows"


_PREFECT: Final = re.compile(r"^prefect==([0-9.]+)", re.MULTILINE)


def prefect_version() -> str:
    """Version of Prefect in the locked packages, "" without one."""
    found = _PREFECT.search((prefect_image() / "requirements.lock").read_text(encoding="utf-8"))
    return found[1] if found else ""


@cache
def build_context() -> bytes:
    """The archive (tar.gz): the same bytes for the same files."""
    return packed(context_files())


def context_mark() -> str:
    """The start of a hash of the files, for the tag of the image that is built of them."""
    return mark_of(context_files())


def packed(files: Mapping[str, bytes]) -> bytes:
    """A reproducible archive (tar.gz) of files by their path."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, body in sorted(files.items()):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(body), 0o644
            archive.addfile(entry, io.BytesIO(body))
    return gzip.compress(content.getvalue(), mtime=0)


def context_files() -> dict[str, bytes]:
    """Content of the files by their path in the archive."""
    folder = prefect_image()
    flows = {
        f"{_FLOWS}/{one.name}": one.read_bytes()
        for one in flow_project().iterdir()
        if one.suffix in (".py", ".yaml") and one.is_file()
    }
    return {name: (folder / name).read_bytes() for name in (DOCKERFILE, "requirements.lock")} | flows
