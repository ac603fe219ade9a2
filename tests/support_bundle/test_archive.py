"""The archive of a support bundle is written whole, or not at all with one clear error."""

import errno
import os
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
