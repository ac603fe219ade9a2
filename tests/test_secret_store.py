"""Secrets: resolved by reference, stored in the keyring if there is one, and redacted everywhere."""

import json
from collections.abc import Callable, Iterator
from urllib.parse import quote, quote_plus

import pytest

from installer.errors import UsageError
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
