"""Entries of the user's keyring. Its backend is foreign code, often of another process: it may raise anything, return anything, or hang.

Without an answer, a keyring is treated as one that is missing; the reason is kept for the message about a secret that is needed.
"""

import threading
from collections.abc import Callable
from typing import Final

from installer.sanitize import printable

ANSWER_SECONDS: Final = 60.0
"""A locked keyring asks its user for a password meanwhile."""


class Entries:
    """The entries of one service. Blocks on the keyring, at most `seconds` in the first call that it does not answer."""

    def __init__(self, service: str, seconds: float = ANSWER_SECONDS) -> None:
        self._service, self._seconds = service, seconds
        self._hangs = False
        self.problem = ""
        """Why the last call had no result; "" after an answer."""

    def get(self, name: str) -> str | None:
        """The value of an entry; None without one, and if the keyring does not show it."""

        def read() -> object:
            import keyring

            return keyring.get_password(self._service, name)

        found = self._asked(read)
        if found is not None and not isinstance(found, str):
            self.problem = f"it has answered with {type(found).__name__} instead of text"
            return None
        return found or None

    def set(self, name: str, value: str) -> None:
        """Store an entry, if the keyring takes it."""

        def write() -> None:
            import keyring

            keyring.set_password(self._service, name, value)

        self._asked(write)

    def _asked(self, call: Callable[[], object]) -> object:
        """The answer of the keyring, None without one. On a thread that ends with the program: a call that hangs cannot be ended."""
        if self._hangs:
            return None
        answers: list[object] = []
        problems: list[str] = []

        def ask() -> None:
            from keyring.errors import NoKeyringError

            try:
                answers.append(call())
            except NoKeyringError:
                answers.append(None)
            except BaseException as error:  # noqa: BLE001  any error of a backend, whatever its kind
                # Without its text: that may repeat what was to be stored.
                problems.append(type(error).__name__)

        thread = threading.Thread(target=ask, name="keyring", daemon=True)
        thread.start()
        thread.join(self._seconds)
        if thread.is_alive():
            self._hangs = True
            problems.append(f"no answer within {self._seconds:g} s")
        self.problem = printable(problems[0]) if problems else ""
        return answers[0] if answers and not problems else None
