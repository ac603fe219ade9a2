"""Certificates of servers on this machine, and the temporary authorities that issue them.

The certificate of this embedded Azure names loopback and, as Azure's does, every PostgreSQL server and every data plane of each
cloud: clients verify the name. Container apps have names that are known once they are deployed: an authority in the memory of
the process issues theirs.
"""

from __future__ import annotations

import ipaddress
import ssl
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Self

from installer.emulator.data_plane.hosts import certificate_names
from installer.emulator.providers.clouds import CLOUDS, in_cloud

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec

_LIFETIME = timedelta(days=730)
_CLOCK_SKEW = timedelta(hours=1)
_DNS_NAMES = (
    "localhost",
    *(f"*.{in_cloud(cloud, 'postgres.database.azure.com')}" for cloud in CLOUDS),
    *certificate_names(),
)


def ensure_certificates(directory: Path) -> tuple[Path, Path, Path]:
    """The CA's certificate, the server's certificate and its key, created when missing, outdated or about to expire."""
    ca_file, certificate_file, key_file = (directory / name for name in ("ca.pem", "server.pem", "server.key"))
    files = (ca_file, certificate_file, key_file)
    if not all(path.exists() for path in files) or _is_damaged(*files) or _is_outdated(certificate_file):
        _create(ca_file, certificate_file, key_file)
    return ca_file, certificate_file, key_file


def _is_damaged(ca_file: Path, certificate_file: Path, key_file: Path) -> bool:
    """Whether they do not belong together, or are empty or cut: new ones do as well, for clients read the file of the CA again."""
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate_file, key_file)
        authority = x509.load_pem_x509_certificate(ca_file.read_bytes())
        x509.load_pem_x509_certificate(certificate_file.read_bytes()).verify_directly_issued_by(authority)
    except (OSError, ValueError, TypeError, InvalidSignature):  # ssl.SSLError is an OSError
        return True
    return False


def _is_outdated(certificate_file: Path) -> bool:
    from cryptography import x509

    certificate = x509.load_pem_x509_certificate(certificate_file.read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    expires_soon = certificate.not_valid_after_utc < datetime.now(UTC) + timedelta(days=30)
    return expires_soon or set(names.get_values_for_type(x509.DNSName)) != set(_DNS_NAMES)


def _create(ca_file: Path, certificate_file: Path, key_file: Path) -> None:
    authority = Authority.new()
    key, certificate = authority.issue("127.0.0.1", _DNS_NAMES, ("127.0.0.1",))
    ca_file.write_text(authority.pem, encoding="ascii")
    certificate_file.write_text(certificate, encoding="ascii")
    key_file.touch(mode=0o600)
    # The key of the CA is not stored, so no further certificate can be issued.
    key_file.write_text(key, encoding="ascii")


@dataclass(frozen=True)
class Authority:
    """A certificate authority in the memory of this process.

    Attributes:
        pem: Its certificate.

    """

    pem: str
    _certificate: x509.Certificate
    _key: ec.EllipticCurvePrivateKey

    @classmethod
    def new(cls) -> Self:
        """Make one."""
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import ec

        key, name = ec.generate_private_key(ec.SECP256R1()), _name("Rehearsal CA, for this machine only")
        certificate = (
            _builder(name, name, key.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .sign(key, hashes.SHA256())
        )
        return cls(certificate.public_bytes(serialization.Encoding.PEM).decode(), certificate, key)

    def issue(self, title: str, names: Sequence[str], addresses: Sequence[str] = ()) -> tuple[str, str]:
        """A private key and a certificate of a server, both PEM."""
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.x509.oid import ExtendedKeyUsageOID

        key = ec.generate_private_key(ec.SECP256R1())
        own = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        found = [
            *(x509.IPAddress(ipaddress.ip_address(address)) for address in addresses),
            *(x509.DNSName(name) for name in names),
        ]
        certificate = (
            _builder(_name(title), self._certificate.subject, key.public_key())
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.SubjectAlternativeName(found), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(own, critical=False)
            .sign(self._key, hashes.SHA256())
        )
        return _pems(key, certificate)

    def server_context(self, name: str) -> ssl.SSLContext:
        """The end of TLS of a server with a name."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        # The module ssl reads files only; the temporary one may be read by this user only, and is removed at once.
        with tempfile.NamedTemporaryFile("w", encoding="ascii", suffix=".pem") as file:
            file.write("".join(self.issue(name[:64], [name])))
            file.flush()
            context.load_cert_chain(file.name)
        return context


def self_signed(names: Sequence[str]) -> tuple[str, str]:
    """A private key and a certificate that its clients trust as such, both PEM."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    key, name = ec.generate_private_key(ec.SECP256R1()), _name(names[0][:64])
    certificate = (
        _builder(name, name, key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(one) for one in names]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return _pems(key, certificate)


def _pems(key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> tuple[str, str]:
    from cryptography.hazmat.primitives import serialization

    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private.decode(), certificate.public_bytes(serialization.Encoding.PEM).decode()


def _name(text: str) -> x509.Name:
    from cryptography import x509

    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    from cryptography import x509

    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK_SKEW)
        .not_valid_after(now + _LIFETIME)
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )
