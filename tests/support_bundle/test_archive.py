"""The archive of a support bundle is written whole, or not at all with one clear error."""

import errno
import os
import random
import zipfile
from pathlib import Path

import pytest

from installer.errors import UsageError
from installer.support_bundle import archive


def test_a_read_only_directory_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object, **_options: object) -> int:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(os, "open", refuse)
    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(UsageError, match="cannot be written: Read-only file system"):
        archive.write(tmp_path / "bundle.zip", [])


def test_what_is_no_bundle_is_explained(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.zip")
    with pytest.raises(UsageError, match="it is a named pipe, not a file"):
        archive.read(tmp_path / "pipe.zip")
    file = tmp_path / "bundle.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_LZMA) as packed:
        packed.writestr(archive.MANIFEST, "{}" * 200)
    whole, dice = file.read_bytes(), random.Random(18)  # noqa: S311  no secret
    for place in range(40, 90):
        file.write_bytes(whole[:place] + dice.randbytes(4) + whole[place + 4 :])
        with pytest.raises(UsageError):
            archive.read(file)
