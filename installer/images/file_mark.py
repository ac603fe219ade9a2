"""Short hash of files, for tags and comparisons. Pure; programs that run inside the network use it too."""

import hashlib
from collections.abc import Mapping
from typing import Final

_MARK_LENGTH: Final = 12


def mark_of(files: Mapping[str, bytes]) -> str:
    """The start of a hash of files by their path."""
    whole = hashlib.sha256()
    for name, body in sorted(files.items()):
        whole.update(f"{name}\0{len(body)}\0".encode() + body)
    return whole.hexdigest()[:_MARK_LENGTH]
