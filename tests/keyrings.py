"""Keyrings for tests: one in memory, and a machine that has none."""

from collections.abc import Iterator
from contextlib import contextmanager

import keyring
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


class NoKeyring(MemoryKeyring):
    """A machine without a keyring, such as a server without a desktop: every access fails."""

    def get_password(self, service: str, username: str) -> str | None:
        """Fail."""
        raise NoKeyringError(f"{service} {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        """Fail."""
        raise NoKeyringError(f"{service} {username} {len(password)}")


@contextmanager
def using(backend: MemoryKeyring) -> Iterator[MemoryKeyring]:
    """Use a keyring for the duration of the block."""
    before = keyring.get_keyring()
    keyring.set_keyring(backend)
    try:
        yield backend
    finally:
        keyring.set_keyring(before)
