"""A temporary certificate authority for this machine, and the server certificate that it issues.

The certificate names loopback and, as Azure's does, every PostgreSQL server and every data plane of each cloud: clients
verify the name.
"""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from installer.emulator.data_plane.hosts import certificate_names
from installer.emulator.providers.clouds import CLOUDS, in_cloud

if TYPE_CHECKING:
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
    if not all(path.exists() for path in (ca_file, certificate_file, key_file)) or _is_outdated(certificate_file):
        _create(ca_file, certificate_file, key_file)
    return ca_file, certificate_file, key_file


def _is_outdated(certificate_file: Path) -> bool:
    from cryptography import x509

    certificate = x509.load_pem_x509_certificate(certificate_file.read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    expires_soon = certificate.not_valid_after_utc < datetime.now(UTC) + timedelta(days=30)
    return expires_soon or set(names.get_values_for_type(x509.DNSName)) != set(_DNS_NAMES)


def _create(ca_file: Path, certificate_file: Path, key_file: Path) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID

    ca_key, server_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name, server_name = _name("Rehearsal CA, for this machine only"), _name("127.0.0.1")
    own, authority = ca_key.public_key(), x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key())
    ca = (
        _builder(ca_name, ca_name, own)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(own), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    names = [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), *(x509.DNSName(name) for name in _DNS_NAMES)]
    server = (
        _builder(server_name, ca_name, server_key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(server_key.public_key()), critical=False)
        .add_extension(authority, critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    ca_file.write_bytes(ca.public_bytes(serialization.Encoding.PEM))
    certificate_file.write_bytes(server.public_bytes(serialization.Encoding.PEM))
    key_file.touch(mode=0o600)
    # The key of the CA is not stored, so no further certificate can be issued.
    key_file.write_bytes(
        server_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )


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
