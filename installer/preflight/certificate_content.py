"""Content of a certificate as its key vault shows it: names, key, issuer, validity. Pure.

Sources: REST API Key Vault, Get Certificate (cer, policy.key_props); azure-docs, articles/frontdoor/domain.md and
standard-premium/how-to-configure-https-custom-domain.md (complete chain of a trusted CA, no elliptic curves, the name has to
match), articles/application-gateway/key-vault-certs.md (software-validated keys only), key-vault/certificates/about-certificates.md
(a key that is not exportable is not in the secret); RFC 9110, 4.3.4, and RFC 6125, 6.4.3 (a wildcard covers one label).
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING

from installer.json_access import as_text, member

if TYPE_CHECKING:
    from installer.jsontypes import Json


@dataclass(frozen=True)
class Content:
    """Content of a certificate.

    Attributes:
        names: DNS names that it covers, in lower case.
        key: Kind of its key: RSA, EC, with -HSM if it is in a hardware security module.
        exportable: Whether the key vault gives the key to services.
        self_signed: Whether it is its own issuer.
        begins: Beginning of its validity, in seconds since the epoch.

    """

    names: tuple[str, ...]
    key: str
    exportable: bool
    self_signed: bool
    begins: float

    def covers(self, host: str) -> bool:
        """Whether a browser accepts it for a host."""
        first, _, parent = host.lower().partition(".")
        return bool(first) and any(name in (host.lower(), f"*.{parent}") for name in self.names)

    def host_like(self, host: str) -> str:
        """The name that is most like a host and that it covers, "" if it covers none."""
        first = host.lower().partition(".")[0]
        wild = [name.removeprefix("*.") for name in self.names if name.startswith("*.")]
        plain = [name for name in self.names if not name.startswith("*.")]
        return next((f"{first}.{parent}" for parent in wild), next(iter(plain), ""))


def content_of(shown: dict[str, Json]) -> Content | None:
    """The content of a certificate in a key vault; None if it has none that can be read."""
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

    try:
        found = x509.load_der_x509_certificate(base64.b64decode(as_text(shown.get("cer"))))
    except (ValueError, binascii.Error):
        return None
    try:
        listed = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        names = listed.get_values_for_type(x509.DNSName)
    except x509.ExtensionNotFound:
        names = [str(one.value) for one in found.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)]
    properties = member(shown, "policy", "key_props")
    kind = "EC" if isinstance(found.public_key(), EllipticCurvePublicKey) else "RSA"
    return Content(
        tuple(name.lower() for name in names),
        as_text(member(properties, "kty")) or kind,
        member(properties, "exportable") is not False,
        found.issuer == found.subject,
        found.not_valid_before_utc.timestamp(),
    )
