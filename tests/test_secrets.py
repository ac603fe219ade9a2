"""Secrets: found by their reference, kept where they belong, and in no text of ours."""

import threading
from collections.abc import Iterator

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringError

from installer.errors import UsageError
from installer.secrets import HIDDEN, SERVICE, Secrets


class InMemory(KeyringBackend):
    """A keyring of the test's own."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password


class Locked(InMemory):
    """A keyring that nobody can open."""

    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringError(f"{service} is locked for {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise KeyringError(f"{service} is locked for {username}, {len(password)} characters are not kept")


@pytest.fixture(autouse=True)
def ring() -> Iterator[InMemory]:
    before = keyring.get_keyring()
    ring = InMemory()
    keyring.set_keyring(ring)
    yield ring
    keyring.set_keyring(before)


def test_a_variable_of_the_environment_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FF_SECRET", "hunter2-secret")
    secret = Secrets().resolve("env:FF_SECRET")
    assert secret.get_secret_value() == "hunter2-secret"
    assert "hunter2" not in f"{secret} {secret!r}"


@pytest.mark.parametrize("value", [None, ""])
def test_a_variable_that_is_not_set_is_named(monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    monkeypatch.delenv("FF_SECRET", raising=False)
    if value is not None:
        monkeypatch.setenv("FF_SECRET", value)
    with pytest.raises(UsageError, match="env:FF_SECRET: the environment variable FF_SECRET is not set"):
        Secrets().resolve("env:FF_SECRET")


def test_what_was_kept_is_found_by_the_next_program(ring: InMemory) -> None:
    assert Secrets().keep("contoso/x", "hunter2") == "keyring:contoso/x"
    assert ring.kept == {(SERVICE, "contoso/x"): "hunter2"}
    assert Secrets().resolve("keyring:contoso/x").get_secret_value() == "hunter2"


def test_without_a_keyring_it_is_kept_until_the_program_ends() -> None:
    keyring.set_keyring(Locked())
    secrets = Secrets()
    reference = secrets.keep("x", "hunter2")
    assert secrets.resolve(reference).get_secret_value() == "hunter2"
    with pytest.raises(UsageError, match="keyring:x: the keyring has no x"):
        Secrets().resolve(reference)


def test_what_is_generated_is_random_and_the_same_the_next_time() -> None:
    first = Secrets().generated("run-1/prefect").get_secret_value()
    assert len(first) >= 24
    assert Secrets().generated("run-1/prefect").get_secret_value() == first
    assert Secrets().generated("run-2/prefect").get_secret_value() != first


def test_every_secret_that_was_seen_is_blacked_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FF_SECRET", "from-env")
    secrets = Secrets()
    secrets.keep("a", "typed-one")
    secrets.resolve("env:FF_SECRET")
    made = secrets.generated("b").get_secret_value()
    text = secrets.redact(f"typed-one from-env {made} rest")
    assert text == f"{HIDDEN} {HIDDEN} {HIDDEN} rest"


def test_a_secret_that_contains_another_is_blacked_out_whole() -> None:
    secrets = Secrets()
    for name, value in enumerate(["pass", "password-1", "word-1-more", "password-1-more"]):
        secrets.keep(str(name), value)
    assert secrets.redact("x password-1-more y password-1 z pass") == f"x {HIDDEN} y {HIDDEN} z {HIDDEN}"


def test_a_very_short_secret_does_not_black_out_every_word() -> None:
    secrets = Secrets()
    secrets.keep("a", "a")
    assert secrets.redact("banana") == "banana"


def test_redacting_while_others_keep_secrets() -> None:
    secrets = Secrets()
    done = threading.Event()

    def talk() -> None:
        for number in range(300):
            secrets.keep("x", f"secret-{number:04}")
        done.set()

    thread = threading.Thread(target=talk)
    thread.start()
    while not done.is_set():
        assert secrets.redact("nothing to hide") == "nothing to hide"
    thread.join()
    assert secrets.redact("secret-0007") == HIDDEN
