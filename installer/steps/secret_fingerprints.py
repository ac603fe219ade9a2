"""The secrets of a stage: found when they are needed, and told apart by a fingerprint that gives nothing away.

Every time that a secret is sent, its vault keeps a new version of it. So a fingerprint of what was sent stays with the
deployment as a tag, and only what has changed is sent again.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from installer.secret_store import Secrets

FINGERPRINT_TAG: Final = "flowforge-secrets"
GENERATED: Final = "generated:"
_UNKNOWN: Final = ""


def fingerprint(installation: str, name: str, value: str) -> str:
    """What tells two values of a secret apart. The same on every machine; slow, so that nobody tries values out."""
    salt = f"{installation}/{name}".encode()
    return hashlib.scrypt(value.encode(), salt=salt, n=2**14, r=8, p=1, dklen=8).hex()


@dataclass(frozen=True)
class Sealed:
    """The secrets of one stage. `references`: name to `env:`, `keyring:` or `generated:` reference."""

    secrets: Secrets
    installation: str
    references: Mapping[str, str]
    in_vault: bool = False

    @cached_property
    def _values(self) -> dict[str, str | None]:
        found: dict[str, str | None] = {}
        for name, reference in self.references.items():
            kept = reference.removeprefix(GENERATED)
            ours = kept != reference
            known = self.secrets.known(f"keyring:{kept}" if ours else reference)
            login = self.secrets.login(kept) if ours and known else known
            found[name] = login.get_secret_value() if login else None
        return found

    def prints(self, before: Mapping[str, str]) -> dict[str, str]:
        """Fingerprint by name. What is not at hand now counts as unchanged, if it was sent before."""
        return {
            name: fingerprint(self.installation, name, value) if value is not None else before.get(name, _UNKNOWN)
            for name, value in self._values.items()
        }

    def to_send(self, before: Mapping[str, str]) -> dict[str, str]:
        """Values by name: all, or into a vault what has changed. Raises UsageError for one that nobody has."""
        values = {name: self._value(name, sent_before=name in before) for name in self.references}
        if not self.in_vault:
            return values
        prints = self.prints(before)
        return {name: value for name, value in values.items() if value and prints[name] != before.get(name)}

    def _value(self, name: str, *, sent_before: bool) -> str:
        value = self._values[name]
        if value is not None:
            return value
        reference = self.references[name]
        if sent_before and self.in_vault:
            return ""  # the vault has it
        if reference.startswith(GENERATED):
            value = self.secrets.login(reference.removeprefix(GENERATED)).get_secret_value()
            self._values[name] = value
            return value
        return self.secrets.resolve(reference).get_secret_value()  # says what is missing


def to_tag(prints: Mapping[str, str]) -> str:
    """Fingerprints as the value of a tag."""
    return " ".join(f"{name}={value}" for name, value in sorted(prints.items()))


def from_tag(text: str) -> dict[str, str]:
    """Fingerprints from the value of a tag; what is none is left out."""
    pairs = (part.partition("=") for part in text.split())
    return {name: value for name, _, value in pairs if name and value}
