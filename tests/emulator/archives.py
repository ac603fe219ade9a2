"""Source archives for builds of images."""

import io
import tarfile


def archive(**files: str) -> bytes:
    """A tar.gz archive of texts by name."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as made:
        for name, text in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text)
            made.addfile(entry, io.BytesIO(text.encode()))
    return packed.getvalue()
