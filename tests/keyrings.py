"""Keyrings for tests: one in memory, and a machine that has none."""

from collections.abc import Iterator
from contextlib import contextmanager

import keyring
from keyring.backend import KeyringBackend
from keyring.errors import NoKeyringError


class MemoryKeyring(KeyringBackend):
    """Keeps what it is given."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        """What is kept under that name."""
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep it."""
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        """Forget it."""
        del self.kept[service, username]


class NoKeyring(MemoryKeyring):
    """Refuses everything, as a server without a desktop does."""

    def get_password(self, service: str, username: str) -> str | None:
        """There is none."""
        raise NoKeyringError(f"{service} {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        """There is none."""
        raise NoKeyringError(f"{service} {username} {len(password)}")


@contextmanager
def using(backend: MemoryKeyring) -> Iterator[MemoryKeyring]:
    """This keyring for a while."""
    before = keyring.get_keyring()
    keyring.set_keyring(backend)
    try:
        yield backend
    finally:
        keyring.set_keyring(before)
