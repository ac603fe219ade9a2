"""Secrets of a stage: sent when they have changed, compared by fingerprints that reveal nothing."""

from collections.abc import Iterator

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

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


PAIR = "contoso/prefect-dev prefect-server.flowforge-dev.svc 10.0.0.4"
TLS = {"tls": f"tls-key:{PAIR}", "certificate": f"tls-certificate:{PAIR}"}


@pytest.mark.usefixtures("ring")
def test_a_key_and_its_certificate_are_made_once_and_together() -> None:
    first = StageSecrets(Secrets(), "contoso", TLS, in_vault=True)
    sent = first.to_send({})
    key = serialization.load_pem_private_key(sent["tls"].encode(), None)
    certificate = x509.load_pem_x509_certificate(sent["certificate"].encode())
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    assert key.public_key() == certificate.public_key()
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["prefect-server.flowforge-dev.svc"]
    assert list(map(str, names.get_values_for_type(x509.IPAddress))) == ["10.0.0.4"]
    again = StageSecrets(Secrets(), "contoso", TLS, in_vault=True)
    assert again.to_send(first.fingerprints({})) == {}
    assert again.to_send({}) == sent


@pytest.mark.parametrize("lost", ["prefect-dev-tls-key", "prefect-dev-tls-certificate"])
def test_one_part_of_a_pair_alone_is_not_used(ring: MemoryKeyring, lost: str) -> None:
    sent = StageSecrets(Secrets(), "contoso", TLS, in_vault=True).to_send({})
    ring.delete_password("flowforge-installer", f"contoso/{lost}")
    later = StageSecrets(Secrets(), "contoso", TLS, in_vault=True).to_send({})
    assert set(later) == set(sent)
    assert not set(later.values()) & set(sent.values())


@pytest.mark.usefixtures("client")
def test_a_generated_secret_missing_from_the_keyring_is_kept_if_the_vault_has_it() -> None:
    with using(NoKeyring()):
        first = sealed()
        first.to_send({})
        before = first.fingerprints({})
        later = sealed()
        assert later.fingerprints(before) == before
        assert later.to_send(before) == {}
        assert set(later.to_send(before, every=True)) == {"client"}, "a generated secret is kept"


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
