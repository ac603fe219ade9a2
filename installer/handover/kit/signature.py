"""Signature of the checksums, by a private key of the maker's own, in forms that openssl verifies.

Sources: docs.openssl.org/3.0/man1/openssl-pkeyutl (-rawin for Ed25519), docs.openssl.org/3.0/man1/openssl-dgst (-verify).
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from installer.errors import UsageError

FILE: Final = "SHA256SUMS.sig"
_ONESHOT: Final = "openssl pkeyutl -verify -pubin -inkey PUBLIC_KEY.pem -rawin -in SHA256SUMS -sigfile SHA256SUMS.sig"
_DIGEST: Final = "openssl dgst -sha256 -verify PUBLIC_KEY.pem -signature SHA256SUMS.sig SHA256SUMS"


@dataclass(frozen=True)
class Signer:
    """A private key that is ready to sign.

    Attributes:
        sign: Returns the signature of a text.
        verify: The command that verifies it.

    """

    sign: Callable[[bytes], bytes]
    verify: str


def signer(key: Path, password: Callable[[], str]) -> Signer:
    """Read a private key.

    Args:
        key: File with a private key in PEM form: Ed25519, elliptic curve or RSA.
        password: Called once if the key is encrypted.

    Raises UsageError for a file that is no such key.

    """
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

    private = _private_key(key, password)
    if isinstance(private, ed25519.Ed25519PrivateKey):
        return Signer(private.sign, _ONESHOT)
    if isinstance(private, ec.EllipticCurvePrivateKey):
        curve = private
        return Signer(lambda text: curve.sign(text, ec.ECDSA(hashes.SHA256())), _DIGEST)
    if isinstance(private, rsa.RSAPrivateKey):
        rsa_key = private
        return Signer(lambda text: rsa_key.sign(text, padding.PKCS1v15(), hashes.SHA256()), _DIGEST)
    raise UsageError(f"--sign {key}: accepted: a key of the kinds Ed25519, elliptic curve or RSA")


def _private_key(key: Path, password: Callable[[], str]) -> object:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        text = key.read_bytes()
    except OSError as error:
        raise UsageError(f"--sign {key}: {error.strerror or error}") from None
    try:
        try:
            return load_pem_private_key(text, None)
        except TypeError:  # it is encrypted
            return load_pem_private_key(text, password().encode())
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise UsageError(
            f"--sign {key}: accepted: a private key in PEM form, as `openssl genpkey -algorithm ed25519` writes it, and its password"
        ) from None
