"""Secrets of a stage: sent when they have changed, compared by fingerprints that reveal nothing."""

from collections.abc import Iterator

import pytest

from installer.errors import UsageError
from installer.secret_store import Secrets
from installer.steps.secret_fingerprints import StageSecrets, fingerprint, from_tag, to_tag
from tests.keyrings import MemoryKeyring, NoKeyring, using

REFERENCES = {"client": "env:FF_CLIENT", "prefect-auth": "generated:contoso/prefect"}


@pytest.fixture
def ring() -> Iterator[MemoryKeyring]:
    with using(MemoryKeyring()) as backend:
        yield backend


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("FF_CLIENT", "first-value")
    return "first-value"


def sealed(*, in_vault: bool = True) -> StageSecrets:
    return StageSecrets(Secrets(), "contoso", REFERENCES, in_vault)


@pytest.mark.usefixtures("ring")
def test_only_changed_secrets_are_sent_again(client: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first = sealed()
    sent = first.to_send({})
    assert set(sent) == set(REFERENCES)
    assert sent["client"] == client
    assert sent["prefect-auth"].startswith("flowforge:")
    before = from_tag(to_tag(first.fingerprints({})))
    assert set(before) == set(REFERENCES)
    again = sealed()
    assert again.to_send(before) == {}
    assert again.to_send(before, every=True) == sent
    assert again.fingerprints(before) == before
    monkeypatch.setenv("FF_CLIENT", "second-value")
    assert sealed().to_send(before) == {"client": "second-value"}


@pytest.mark.usefixtures("client")
def test_a_generated_secret_missing_from_the_keyring_is_kept_if_the_vault_has_it() -> None:
    with using(NoKeyring()):
        first = sealed()
        first.to_send({})
        before = first.fingerprints({})
        later = sealed()
        assert later.fingerprints(before) == before
        assert later.to_send(before) == {}
        assert set(later.to_send(before, every=True)) == {"client"}, "a generated secret is not made anew"


@pytest.mark.usefixtures("ring")
def test_a_missing_secret_is_named_unless_the_vault_has_it() -> None:
    with pytest.raises(UsageError, match="FF_CLIENT"):
        sealed().to_send({})
    assert "client" not in sealed().to_send({"client": "0011223344556677"})


@pytest.mark.usefixtures("ring")
def test_outside_of_a_vault_all_are_sent(client: str) -> None:
    direct = sealed(in_vault=False)
    direct.to_send({})
    assert direct.to_send(direct.fingerprints({}))["client"] == client


def test_a_fingerprint_shows_neither_value_nor_that_two_secrets_are_alike() -> None:
    one = fingerprint("contoso", "a", "value")
    assert len(one) == 16
    assert "value" not in one
    assert len({one, fingerprint("contoso", "b", "value"), fingerprint("fabrikam", "a", "value")}) == 3


def test_malformed_tags_contain_no_fingerprints() -> None:
    assert from_tag("nonsense a= =b c=d") == {"c": "d"}
    assert len(to_tag(dict.fromkeys([f"secret-of-this-length-{n}" for n in range(6)], "0" * 16))) <= 256
