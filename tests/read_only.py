"""Runs a command with a folder on a read-only file system: a bind mount in a mount namespace of its own.

Permissions would not do: tests also run as root, for which they do not hold.
"""

import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

_MOUNT: Final = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"'


def run_read_only(
    folder: Path, command: list[str], environment: dict[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    """The result of a command to which the folder is read-only."""
    words = ["unshare", "--mount", "sh", "-c", _MOUNT, str(folder), *command]
    return subprocess.run(words, check=False, capture_output=True, text=True, env=environment)


def _can_mount() -> bool:
    if shutil.which("unshare") is None:
        return False
    folder = str(Path(__file__).parent)
    words = ["unshare", "--mount", "sh", "-c", _MOUNT, folder, "true"]
    return subprocess.run(words, check=False, capture_output=True).returncode == 0


needs_read_only = pytest.mark.skipif(not _can_mount(), reason="only root can mount a folder read-only")
