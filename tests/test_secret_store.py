"""Secrets: resolved by reference, stored in the keyring if there is one, and redacted everywhere."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast
from urllib.parse import quote, quote_plus

import pytest
from keyring.errors import KeyringLocked

from installer.errors import UsageError
from installer.keyring_entries import Entries
from installer.secret_store import HIDDEN, SERVICE, Secrets
from tests.keyrings import MemoryKeyring, NoKeyring, using


@pytest.fixture
def ring() -> Iterator[MemoryKeyring]:
    with using(MemoryKeyring()) as backend:
        yield backend


@pytest.fixture
def no_ring() -> Iterator[None]:
    with using(NoKeyring()):
        yield


def test_a_reference_to_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THEIR_SECRET", "hunter2")
    secrets = Secrets()
    assert secrets.resolve("env:THEIR_SECRET").get_secret_value() == "hunter2"
    assert secrets.redact("it is hunter2.") == f"it is {HIDDEN}."


@pytest.mark.parametrize("value", [None, ""])
def test_a_variable_that_is_not_set_is_named(monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    monkeypatch.delenv("THEIR_SECRET", raising=False)
    if value is not None:
        monkeypatch.setenv("THEIR_SECRET", value)
    with pytest.raises(UsageError, match="env:THEIR_SECRET: the environment variable THEIR_SECRET is not set"):
        Secrets().resolve("env:THEIR_SECRET")


def test_a_typed_secret_is_in_the_keyring_for_the_next_session(ring: MemoryKeyring) -> None:
    reference = Secrets().keep("contoso/sign_on.client_secret", "hunter2")
    assert reference == "keyring:contoso/sign_on.client_secret"
    assert ring.kept == {(SERVICE, "contoso/sign_on.client_secret"): "hunter2"}
    later = Secrets()
    assert later.resolve(reference).get_secret_value() == "hunter2"
    assert later.redact("hunter2") == HIDDEN


@pytest.mark.usefixtures("no_ring")
def test_without_a_keyring_a_secret_lasts_for_the_session() -> None:
    secrets = Secrets()
    reference = secrets.keep("x", "hunter2")
    assert secrets.resolve(reference).get_secret_value() == "hunter2"
    with pytest.raises(UsageError, match="keyring:x: the keyring has no x"):
        Secrets().resolve(reference)


@pytest.mark.usefixtures("no_ring")
def test_a_new_value_replaces_the_old_and_both_stay_redacted() -> None:
    secrets = Secrets()
    secrets.keep("x", "first one")
    assert secrets.resolve(secrets.keep("x", "second one")).get_secret_value() == "second one"
    assert secrets.redact("first one, second one") == f"{HIDDEN}, {HIDDEN}"


def test_a_generated_secret_is_created_once(ring: MemoryKeyring) -> None:
    made = Secrets().generated("contoso/postgres").get_secret_value()
    assert len(made) >= 32
    again = Secrets()
    assert again.generated("contoso/postgres").get_secret_value() == made
    assert again.redact(f"password={made}") == f"password={HIDDEN}"
    assert Secrets().generated("contoso/other").get_secret_value() != made
    assert len(ring.kept) == 2


@pytest.mark.usefixtures("no_ring")
def test_a_secret_has_no_readable_representation() -> None:
    secrets = Secrets()
    secrets.keep("x", "hunter2")
    assert (
        "hunter2"
        not in f"{secrets!r} {secrets.resolve('keyring:x')!r} {secrets.resolve('keyring:x')} {vars(secrets)['_memory']}"
    )


@pytest.mark.usefixtures("no_ring")
def test_a_secret_that_is_part_of_another_is_redacted_completely() -> None:
    secrets = Secrets()
    for value in ("pass", "password-long", "ssword"):
        secrets.keep(value, value)
    assert secrets.redact("password-long pass") == f"{HIDDEN} {HIDDEN}"


@pytest.mark.usefixtures("no_ring")
def test_a_very_short_secret_does_not_redact_every_word() -> None:
    secrets = Secrets()
    secrets.keep("x", "a")
    assert secrets.redact("a banana") == "a banana"


@pytest.mark.usefixtures("no_ring")
@pytest.mark.parametrize("shown", [json.dumps, lambda text: json.dumps(text, ensure_ascii=False), quote, quote_plus])
def test_a_secret_is_found_in_json_and_url_encoding(shown: Callable[[str], str]) -> None:
    secrets = Secrets()
    secret = 'say"hünter2"\n:go'
    secrets.keep("x", secret)
    assert "nter2" not in secrets.redact(f"<{shown(secret)}>")


class HostileKeyring(MemoryKeyring):
    """A backend that answers with what it was given, or does it."""

    def __init__(self, answer: object) -> None:
        super().__init__()
        self.answer = answer

    def get_password(self, service: str, username: str) -> str | None:  # noqa: ARG002  the signature of keyring
        """Raise, return or do what was given."""
        if isinstance(self.answer, BaseException):
            raise self.answer
        answer = self.answer() if callable(self.answer) else self.answer
        return cast("str | None", answer)

    def set_password(self, service: str, username: str, password: str) -> None:
        """The same, with the secret in the text of the error."""
        if isinstance(self.answer, Exception):
            raise type(self.answer)(password)
        self.get_password(service, username)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (KeyringLocked("locked"), "KeyringLocked"),
        (RuntimeError("dbus"), "RuntimeError"),
        (OSError(5, "I/O"), "OSError"),
        (ModuleNotFoundError("secretstorage"), "ModuleNotFoundError"),
        (RecursionError(), "RecursionError"),
        (SystemExit(1), "SystemExit"),
        (KeyboardInterrupt(), "KeyboardInterrupt"),
        (b"bytes", "it has answered with bytes"),
        (12345, "it has answered with int"),
        (["x"], "it has answered with list"),
        (None, ""),
        ("", ""),
    ],
)
def test_a_keyring_that_fails_in_any_way_is_as_one_that_is_missing(answer: object, why: str) -> None:
    with using(HostileKeyring(answer)):
        secrets = Secrets()
        made = secrets.generated("contoso/postgres").get_secret_value()
        assert len(made) >= 32
        assert secrets.resolve(secrets.keep("x", "hunter2")).get_secret_value() == "hunter2"
        with pytest.raises(UsageError, match=f"^keyring:y: the keyring (shows|has) no y.*{why}") as refused:
            secrets.resolve("keyring:y")
        assert "unlock it" in str(refused.value) if why else "unlock" not in str(refused.value)
        assert "hunter2" not in str(refused.value)
        assert secrets.known("keyring:y") is None


def test_a_keyring_that_hangs_is_waited_for_once() -> None:
    over = threading.Event()
    try:
        with using(HostileKeyring(over.wait)):
            entries = Entries(SERVICE, seconds=0.2)
            begun = time.monotonic()
            assert [entries.get("x") for _ in range(20)] == [None] * 20
            assert time.monotonic() - begun < 2
            assert entries.problem == "no answer within 0.2 s"
    finally:
        over.set()


def test_a_backend_that_cannot_be_loaded_is_as_a_missing_one(tmp_path: Path) -> None:
    program = "from installer.secret_store import Secrets; s = Secrets(); s.generated('x'); print(s.known('keyring:x').get_secret_value() != '')"
    for backend in ("no_such_module.Backend", "keyring.NoSuchClass", "os.path", "keyring.backends.null.Keyring"):
        env = {**os.environ, "PYTHON_KEYRING_BACKEND": backend, "HOME": str(tmp_path)}
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, env=env)
        assert (done.returncode, done.stdout, done.stderr) == (0, "True\n", ""), backend


@pytest.mark.parametrize("value", ["two\nlines", "a\rb", "nul\0", "\x1b[2Jx", "\udcff bytes", "a\u2028b", "\nbefore"])
def test_a_secret_that_is_no_line_of_text_is_refused_without_being_shown(ring: MemoryKeyring, value: str) -> None:
    ring.kept[SERVICE, "x"] = value
    secrets = Secrets()
    if "\n" not in value.strip() or value.startswith("\n"):
        with pytest.raises(UsageError, match=r"^keyring:x: its value has a line break or another") as refused:
            secrets.resolve("keyring:x")
        assert value not in str(refused.value)
    if "\0" not in value:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("THEIR_SECRET", value)
            with pytest.raises(UsageError, match=r"^env:THEIR_SECRET: its value has a line break") as refused:
                secrets.resolve("env:THEIR_SECRET")
            assert value not in str(refused.value)


@pytest.mark.parametrize("value", ["pnu_x", "ünï→", "x" * 100_000, " blanks inside and around "])
@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_the_line_break_at_its_end_is_no_part_of_a_secret(ring: MemoryKeyring, value: str, end: str) -> None:
    ring.kept[SERVICE, "x"] = value + end
    secrets = Secrets()
    assert secrets.resolve("keyring:x").get_secret_value() == value
    assert secrets.redact(f"<{value}>") == f"<{HIDDEN}>"


def test_a_private_key_keeps_its_lines(ring: MemoryKeyring) -> None:
    pem = "-----BEGIN X-----\nabc\n-----END X-----\n"
    ring.kept[SERVICE, "x"] = pem
    assert Secrets().resolve("keyring:x").get_secret_value() == pem
