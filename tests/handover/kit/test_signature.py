"""The printed command of openssl verifies a signature, and refuses it for other checksums."""

import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from installer.errors import UsageError
from installer.handover.kit.signature import FILE, signer

Key = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed448.Ed448PrivateKey
KINDS: dict[str, Callable[[], Key]] = {
    "ed25519": ed25519.Ed25519PrivateKey.generate,
    "ec": lambda: ec.generate_private_key(ec.SECP256R1()),
    "rsa": lambda: rsa.generate_private_key(65537, 2048),
}


def written(folder: Path, key: Key, protection: KeySerializationEncryption | None = None) -> Path:
    file = folder / "key.pem"
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, protection or NoEncryption()))
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (folder / "PUBLIC_KEY.pem").write_bytes(public)
    return file


def verified(folder: Path, command: str) -> bool:
    return subprocess.run(shlex.split(command), cwd=folder, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("kind", KINDS)
def test_openssl_verifies_it(tmp_path: Path, kind: str) -> None:
    found = signer(written(tmp_path, KINDS[kind]()), str)
    command = found.verify
    (tmp_path / FILE).write_bytes(found.sign(b"the sums"))
    (tmp_path / "SHA256SUMS").write_bytes(b"the sums")
    assert verified(tmp_path, command)
    (tmp_path / "SHA256SUMS").write_bytes(b"other sums")
    assert not verified(tmp_path, command)


def test_the_password_of_a_key_is_asked(tmp_path: Path) -> None:
    key = written(tmp_path, ed25519.Ed25519PrivateKey.generate(), BestAvailableEncryption(b"open"))
    assert signer(key, lambda: "open").sign(b"text")
    with pytest.raises(UsageError, match="and its password"):
        signer(key, lambda: "wrong")


def test_what_is_no_such_key_is_refused_with_what_is_accepted(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no key")
    with pytest.raises(UsageError, match="accepted: a private key in PEM form"):
        signer(tmp_path / "text", str)
    with pytest.raises(UsageError, match="No such file"):
        signer(tmp_path / "nowhere", str)
    with pytest.raises(UsageError, match="Ed25519, elliptic curve or RSA"):
        signer(written(tmp_path, ed448.Ed448PrivateKey.generate()), str)
