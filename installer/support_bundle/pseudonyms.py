"""Pseudonyms for identifying values: the same pseudonym for the same value in all files of a bundle.

Replaces GUIDs, addresses of networks and network cards, telephone numbers, host names, email addresses, users, names of people, values of
tags, hosts, the prefix of the installation in any name, and names of resources outside the installation; base64 that holds one of them is
replaced as a whole. A pseudonym is a word in capitals with a sequential number (`GUID3`, `PREFIX1`), so that it is not mistaken for a
value. Names from FlowForge's templates stay readable.
"""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, unquote

from installer.jsontypes import Json
from installer.support_bundle import identity_patterns as forms
from installer.support_bundle.identities import Identities
from installer.support_bundle.identity_patterns import GUID, address_of, digits_of, words_of
from installer.support_bundle.public_words import ENDINGS, NO_ENDINGS, OF_AZURE, vocabulary
from installer.support_bundle.spellings import BASE64, base64_text, plain_spelling

_IN_WORD: Final = re.compile(GUID)
_LONG_HEX: Final = re.compile(r"[0-9a-fA-F]{33,}")
"""Longer than a GUID without dashes, which may be a part of it."""
_FIELD: Final = re.compile(r"^[A-Za-z_]+$")
"""Field names: protocol terms, not customer data."""
SHORT_PREFIX: Final = 3
_UNRESERVED: Final = "/:?#[]@!$&'()*+,;="


class Pseudonyms:
    """Pseudonyms by value. Let `identities` learn first, then call `text` and `value`.

    Attributes:
        identities: What identifies the customer of this run.

    """

    def __init__(self, prefix: str = "") -> None:
        self.identities = Identities(prefix)
        self._given: dict[tuple[str, str], str] = {}
        self._count: dict[str, int] = {}
        self._seen: dict[tuple[str, str], str] = {}
        self._tokens = (0, forms.tokens(()))

    def text(self, text: str) -> str:
        """The text with pseudonyms."""
        plain = plain_spelling(text)
        shown = self._pattern().sub(self._token, BASE64.sub(self._packed, plain))
        return text if shown == plain else shown

    def _pattern(self) -> re.Pattern[str]:
        phrases = self.identities.phrases
        if self._tokens[0] != len(phrases):
            self._tokens = (len(phrases), forms.tokens(phrases))
        return self._tokens[1]

    def _packed(self, match: re.Match[str]) -> str:
        plain = base64_text(match[0])
        return match[0] if plain is None or self.text(plain) == plain else self._pseudonym("TEXT", match[0])

    def value(self, value: Json) -> Json:
        """A JSON value with pseudonyms; field names stay."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.value(item) for item in value]
        if isinstance(value, Mapping):
            return {
                name
                if _FIELD.match(name) and name.lower() not in self.identities.known
                else self.text(name): self.value(item)
                for name, item in value.items()
            }
        return value

    def _token(self, match: re.Match[str]) -> str:
        group, text = match.lastgroup or "", match[0]
        if (group, text) not in self._seen:
            self._seen[group, text] = self._replaced(group, text)
        return self._seen[group, text]

    def _replaced(self, group: str, text: str) -> str:
        match group:
            case "phrase":
                phrase = " ".join(words_of(text)).lower()
                return self._pseudonym(self.identities.phrases[phrase], phrase)
            case "email":
                return self._pseudonym("USER", unquote(text))
            case "home":
                return text if self.identities.is_plain(text.lower()) else self._pseudonym("USER", text)
            case "encoded":
                return self._encoded(text)
            case "guid" | "phone" | "mac":
                return self._pseudonym(group.upper(), digits_of(text))
            case "apart4":
                address = ".".join(re.findall(r"\d+", text))
                return self._address(address) if address in self.identities.addresses else text
            case "url" | "unc":
                return self._linked_host(text)
            case "mixed" | "ip4" | "ip6" | "dashed" if address_of(text) is not None:
                return self._address(text)
            case "mixed" | "ip6":  # a time, or words separated by colons
                return ":".join(self._word(part) for part in text.split(":"))
        return self._word(text)

    def _encoded(self, text: str) -> str:
        plain = unquote(text)
        replaced = self.text(plain)
        return text if replaced == plain else quote(replaced, safe=_UNRESERVED)

    def _address(self, text: str) -> str:
        address = address_of(text)
        if address is None or address.is_loopback or address.is_unspecified:
            return text
        return self._pseudonym("IP", str(address))

    def _linked_host(self, text: str) -> str:
        """The host of a URL or UNC path; one of a domain that is not Azure's is replaced, whatever its ending is."""
        name = text.lower().rstrip(".")
        shown = self._word(text)
        if (
            shown != text
            or self.identities.is_plain(name)
            or all(self.identities.is_plain(label) for label in name.split("."))
        ):
            return shown
        if name.endswith(tuple(f".{ending}" for ending in OF_AZURE)) or name in OF_AZURE:
            return shown
        return self._pseudonym("DOMAIN" if "." in name else "HOST", name)

    def _word(self, word: str) -> str:
        name = word.lower()
        if name == self.identities.prefix and name:
            return self._pseudonym("PREFIX", name)
        if name in self.identities.known:
            return self._pseudonym(self.identities.known[name], name)
        if name in self.identities.cards:
            return self._pseudonym("MAC", name)
        if name in self.identities.short:
            return self._pseudonym("GUID", self.identities.short[name])
        if "." in word:
            host = self._host(word)
            if host is not None:
                return host
            word = ".".join(self._known_label(label) for label in word.split("."))
        word = _LONG_HEX.sub(lambda found: self._without_guids(found[0]), word)
        word = _IN_WORD.sub(lambda found: self._pseudonym("GUID", digits_of(found[0])), word)
        return self._without_prefix(word)

    def _without_guids(self, digits: str) -> str:
        """Hexadecimal digits without the known GUIDs among them, such as a key that was joined of two."""
        for known in self.identities.short.values():
            if known in digits.lower():
                digits = re.sub(known, self._pseudonym("GUID", known), digits, flags=re.IGNORECASE)
        return digits

    def _host(self, word: str) -> str | None:
        """An Azure host name keeps its domain; any other is replaced completely. None if it is not a host name."""
        name = word.lower()
        for ending in sorted(OF_AZURE):
            if name.endswith(f".{ending}") or name == ending:
                labels = name.removesuffix(ending).rstrip(".").split(".")
                shown = [
                    label if not label or self.identities.is_plain(label) else self._label(label) for label in labels
                ]
                return ".".join([*shown, ending]).lstrip(".")
        first, _, last = name.rpartition(".")
        if all(
            self.identities.is_plain(label) for label in first.split(".")
        ) and self.identities.prefix not in first.split("."):
            return None
        country = len(last) == 2 and last.isalpha() and last not in NO_ENDINGS
        if (country or last in ENDINGS) and not name.startswith(("microsoft.", "installer.", "azure.", "prefect.")):
            return self._pseudonym("DOMAIN", name)
        return None

    def _known_label(self, label: str) -> str:
        kind = self.identities.known.get(label.lower())
        return label if kind is None else self._pseudonym(kind, label)

    def _label(self, label: str) -> str:
        if self.identities.holds_prefix(label):
            return self._without_prefix(label)
        return self._pseudonym("NAME", label)

    def _without_prefix(self, word: str) -> str:
        """Replace the prefix in a name; a short prefix only in compound names, not in words."""
        prefix = self.identities.prefix
        if not prefix or prefix not in word.lower() or word.lower() in vocabulary():
            return word
        if len(prefix) <= SHORT_PREFIX and word.isalpha():
            return word
        return re.sub(re.escape(prefix), self._pseudonym("PREFIX", prefix), word, flags=re.IGNORECASE)

    def _pseudonym(self, kind: str, value: str) -> str:
        key = (kind, value.lower())
        if key not in self._given:
            self._count[kind] = self._count.get(kind, 0) + 1
            self._given[key] = f"{kind}{self._count[kind]}"
        return self._given[key]
