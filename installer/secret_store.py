"""Secrets in memory, in the keyring of the operating system, or behind a reference; never in a file of the installer.

A reference is `env:NAME` (an environment variable) or `keyring:NAME` (an entry of the service "flowforge-installer").
Without a keyring, an entered secret stays in memory until the program ends.
"""

import json
import os
import re
import threading
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from installer.errors import UsageError
from installer.keyring_entries import Entries

if TYPE_CHECKING:
    from pydantic import SecretStr

SERVICE: Final = "flowforge-installer"
USER: Final = "flowforge"
"""User name of generated logins."""
HIDDEN: Final = "•••"
_UNUSABLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""No header, form or environment variable takes these; lone surrogates are bytes that are no UTF-8."""
_LINES: Final = re.compile(r"(?<=\S)\r?\n")
MIN_LENGTH: Final = 4
"""Shorter secrets are not redacted in texts: they would match ordinary words."""


class Secrets:
    """The secrets of a session. Thread-safe; may block on the keyring, so do not use it on the UI thread."""

    def __init__(self) -> None:
        self._memory: dict[str, SecretStr] = {}
        self._seen: set[str] = set()
        self._lock = threading.Lock()
        self._keyring = Entries(SERVICE)

    def keep(self, name: str, value: str) -> str:
        """Store a secret that the user entered, and return its reference."""
        self._see(value)
        with self._lock:
            self._memory[name] = sealed(value)
        self._keyring.set(name, value)
        return f"keyring:{name}"

    def resolve(self, reference: str) -> "SecretStr":
        """The secret behind a reference. Raises UsageError with the reference if it is missing, or no text of one line.

        Only what the installer has made itself, such as a private key, has lines.
        """
        kind, _, name = reference.partition(":")
        value = os.environ.get(name) if kind == "env" else self._kept(name)
        if not value or not value.strip():
            raise UsageError(f"{reference}: {self._missing(kind, name)}")
        if len(value.splitlines()) == 1:
            value = value.rstrip("\r\n")  # as `echo` and editors add it
        self._see(value)
        if _UNUSABLE.search(value if kind == "env" else _LINES.sub("", value)):
            raise UsageError(
                f"{reference}: its value has a line break or another control character; a secret is one line of text"
            )
        return sealed(value)

    def generated(self, name: str) -> "SecretStr":
        """A generated secret: the stored one, or a new random one."""
        kept = self._kept(name)
        if kept is None:
            kept = _random_text()
            self.keep(name, kept)
        self._see(kept)
        return sealed(kept)

    def renew(self, name: str) -> None:
        """Replace a generated secret by a new random one."""
        self.keep(name, _random_text())

    def login(self, name: str) -> "SecretStr":
        """A generated secret as `user:password`, the format of Prefect."""
        return sealed(f"{USER}:{self.generated(name).get_secret_value()}")

    def known(self, reference: str) -> "SecretStr | None":
        """The secret behind a reference, None if it is missing."""
        try:
            return self.resolve(reference)
        except UsageError:
            return None

    def redact(self, text: str) -> str:
        """The text with every secret of this session redacted."""
        for value in sorted(self._seen, key=len, reverse=True):  # a secret may be part of another
            text = text.replace(value, HIDDEN)
        return text

    def _missing(self, kind: str, name: str) -> str:
        if kind == "env":
            return f"the environment variable {name} is not set"
        if self._keyring.problem:
            return f"the keyring shows no {name} ({self._keyring.problem}): unlock it, or use env:NAME"
        return f"the keyring has no {name}"

    def _kept(self, name: str) -> str | None:
        with self._lock:
            known = self._memory.get(name)
        if known is not None:
            return known.get_secret_value()
        return self._keyring.get(name)

    def _see(self, value: str) -> None:
        if len(value) >= MIN_LENGTH:
            as_json = (json.dumps(value, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False))
            self._seen.update((value, *as_json, quote(value, safe="", errors="surrogateescape")))  # as in JSON and URLs


def sealed(value: str) -> "SecretStr":
    """Wrap a value so that it is not shown by accident."""
    from pydantic import SecretStr

    return SecretStr(value)


def _random_text() -> str:
    """A new secret."""
    import secrets  # with hashlib, random and hmac: the first frame needs none of them

    return secrets.token_urlsafe(24)
