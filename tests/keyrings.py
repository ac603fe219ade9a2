"""Keyrings for tests: one in memory, one in a file for several processes, and a machine that has none."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar, Final, TypeVar

import keyring
from filelock import FileLock
from keyring.backend import KeyringBackend
from keyring.errors import NoKeyringError


class MemoryKeyring(KeyringBackend):
    """A keyring in memory."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        """The stored password, or None."""
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        """Store a password."""
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        """Delete a password."""
        del self.kept[service, username]


FILE: Final = "FLOWFORGE_TEST_KEYRING"
"""Environment variable with the file of the keyring in a file."""


class FileKeyring(KeyringBackend):
    """A keyring in a file, which a command gets by PYTHON_KEYRING_BACKEND=tests.keyrings.FileKeyring."""

    priority: ClassVar[float] = -1
    """Below that of no keyring: only who asks for it gets it."""

    def __init__(self, file: Path | None = None) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._file = file or Path(os.environ.get(FILE, ""))

    def _kept(self) -> dict[str, str]:
        kept: dict[str, str] = json.loads(self._file.read_text("utf-8")) if self._file.is_file() else {}
        return kept

    def get_password(self, service: str, username: str) -> str | None:
        """The stored password, or None."""
        return self._kept().get(f"{service}/{username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        """Store a password: whole at every instant, as commands are killed, and one after another, as steps run side by side."""
        beside = self._file.with_name(f"{self._file.name}.new")
        with FileLock(f"{self._file}.lock"):
            beside.write_text(json.dumps({**self._kept(), f"{service}/{username}": password}), "utf-8")
            beside.replace(self._file)


class NoKeyring(MemoryKeyring):
    """A machine without a keyring, such as a server without a desktop: every access fails."""

    def get_password(self, service: str, username: str) -> str | None:
        """Fail."""
        raise NoKeyringError(f"{service} {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        """Fail."""
        raise NoKeyringError(f"{service} {username} {len(password)}")


Backend = TypeVar("Backend", bound=KeyringBackend)


@contextmanager
def using(backend: Backend) -> Iterator[Backend]:
    """Use a keyring for the duration of the block."""
    before = keyring.get_keyring()
    keyring.set_keyring(backend)
    try:
        yield backend
    finally:
        keyring.set_keyring(before)
