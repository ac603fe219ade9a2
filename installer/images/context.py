"""Build context of the Prefect image: Dockerfile, locked packages and flows, as a reproducible archive. Pure."""

import gzip
import hashlib
import io
import tarfile
from functools import cache
from typing import Final

from installer.shipped_files import flow_project, prefect_image

DOCKERFILE: Final = "Dockerfile"
_FLOWS: Final = "flows"
_MARK_LENGTH: Final = 12


@cache
def build_context() -> bytes:
    """The archive (tar.gz): the same bytes for the same files."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, body in sorted(context_files().items()):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(body), 0o644
            archive.addfile(entry, io.BytesIO(body))
    return gzip.compress(packed.getvalue(), mtime=0)


def context_mark() -> str:
    """The start of a hash of the files, for the tag of the image that is built of them."""
    whole = hashlib.sha256()
    for name, body in sorted(context_files().items()):
        whole.update(f"{name}\0{len(body)}\0".encode() + body)
    return whole.hexdigest()[:_MARK_LENGTH]


def context_files() -> dict[str, bytes]:
    """Content of the files by their path in the archive."""
    folder = prefect_image()
    flows = {
        f"{_FLOWS}/{one.name}": one.read_bytes()
        for one in flow_project().iterdir()
        if one.suffix in (".py", ".yaml") and one.is_file()
    }
    return {name: (folder / name).read_bytes() for name in (DOCKERFILE, "requirements.lock")} | flows
