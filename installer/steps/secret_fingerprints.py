"""Secrets of a stage and their fingerprints.

Each time a secret is sent, its vault stores a new version. So the deployment keeps fingerprints of the sent secrets in a
tag, and only changed secrets are sent again.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from installer.secret_store import Secrets
from installer.steps.server_certificates import key_and_certificate

if TYPE_CHECKING:
    from pydantic import SecretStr

FINGERPRINT_TAG: Final = "flowforge-secrets"
GENERATED: Final = "generated:"
TLS_KEY: Final = "tls-key:"
TLS_CERTIFICATE: Final = "tls-certificate:"
"""Private key and certificate of one generated pair: the prefix, its name, and the hosts of the server."""
TLS: Final = (TLS_KEY, TLS_CERTIFICATE)
MADE: Final = (GENERATED, *TLS)
"""Prefixes of secrets that the installer makes."""
_UNKNOWN: Final = ""


def fingerprint(installation: str, name: str, value: str) -> str:
    """Fingerprint of a secret: the same on every machine, and slow to compute, against guessing."""
    salt = f"{installation}/{name}".encode()
    return hashlib.scrypt(value.encode(), salt=salt, n=2**14, r=8, p=1, dklen=8).hex()


@dataclass(frozen=True)
class StageSecrets:
    """Secrets of one stage.

    Attributes:
        references: `env:` or `keyring:` references, or those of made secrets, by name.
        in_vault: the stage stores them in a vault.

    """

    secrets: Secrets
    installation: str
    references: Mapping[str, str]
    in_vault: bool = False

    @cached_property
    def _known_values(self) -> dict[str, str | None]:
        found: dict[str, str | None] = {}
        for name, reference in self.references.items():
            known = (
                self._kept_pair(reference)
                if reference.startswith(TLS)
                else self.secrets.known(kept_reference(reference))
            )
            is_login = reference.startswith(GENERATED)
            value = self.secrets.login(reference.removeprefix(GENERATED)) if is_login and known else known
            found[name] = value.get_secret_value() if value else None
        return found

    def fingerprints(self, before: Mapping[str, str]) -> dict[str, str]:
        """Fingerprints by name. A secret that is not available now counts as unchanged if it was sent before."""
        return {
            name: fingerprint(self.installation, name, value) if value is not None else before.get(name, _UNKNOWN)
            for name, value in self._known_values.items()
        }

    def to_send(self, before: Mapping[str, str], *, every: bool = False) -> dict[str, str]:
        """Values to send by name. Raises UsageError if one is missing.

        Args:
            before: Fingerprints of what the vault has.
            every: All that are known here, instead of those that have changed.

        """
        values = {name: self._value(name, sent_before=name in before) for name in self.references}
        if not self.in_vault:
            return values
        fingerprints = self.fingerprints(before)
        return {
            name: value for name, value in values.items() if value and (every or fingerprints[name] != before.get(name))
        }

    def _value(self, name: str, *, sent_before: bool) -> str:
        value = self._known_values[name]
        if value is not None:
            return value
        reference = self.references[name]
        if sent_before and self.in_vault:
            return ""  # the vault has it
        if reference.startswith(GENERATED):
            value = self.secrets.login(reference.removeprefix(GENERATED)).get_secret_value()
            self._known_values[name] = value
            return value
        if reference.startswith(TLS):
            self._make_pair(reference)
            return self._known_values[name] or ""
        return self.secrets.resolve(reference).get_secret_value()  # raises UsageError if it is missing

    def _kept_pair(self, reference: str) -> "SecretStr | None":
        """One part of a pair, None unless both are known."""
        pair = reference.partition(":")[2]
        both = [self.secrets.known(kept_reference(f"{prefix}{pair}")) for prefix in TLS]
        return both[TLS.index(reference.removesuffix(pair))] if all(both) else None

    def _make_pair(self, reference: str) -> None:
        """Make a private key and its certificate."""
        pair = reference.partition(":")[2]
        for prefix, pem in zip(TLS, key_and_certificate(pair.split()[1:]), strict=True):
            stored = self.secrets.keep(kept_reference(f"{prefix}{pair}").partition(":")[2], pem)
            for name, other in self.references.items():
                if kept_reference(other) == stored:
                    self._known_values[name] = pem


def kept_reference(reference: str) -> str:
    """Reference to the keyring for a made secret, else the reference itself."""
    kind, _, rest = reference.partition(":")
    if reference.startswith(GENERATED):
        return f"keyring:{rest}"
    return f"keyring:{rest.split()[0]}-{kind}" if reference.startswith(TLS) else reference


def to_tag(fingerprints: Mapping[str, str]) -> str:
    """Fingerprints as the value of a tag."""
    return " ".join(f"{name}={value}" for name, value in sorted(fingerprints.items()))


def from_tag(text: str) -> dict[str, str]:
    """Fingerprints from the value of a tag; malformed entries are left out."""
    pairs = (part.partition("=") for part in text.split())
    return {name: value for name, _, value in pairs if name and value}
