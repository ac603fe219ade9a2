"""Pseudonyms for identifying values: the same pseudonym for the same value in all files of a bundle.

Replaces GUIDs, addresses of networks and network cards, host names, email addresses, users, names of people, values of tags, hosts, the prefix of the installation in any name, and
names of resources outside the installation. A pseudonym is a word in capitals with a sequential number (`GUID3`,
`PREFIX1`), so that it is not mistaken for a value. Names from FlowForge's templates stay readable.
"""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, unquote

from installer.jsontypes import Json
from installer.support_bundle.identity_patterns import (
    EMAIL,
    GUID,
    HOME,
    PERSONAL,
    TAGS,
    UNC_HOST,
    URL_HOST,
    WORD,
    address_of,
    digits_of,
    tokens,
    words_of,
)
from installer.support_bundle.public_words import ENDINGS, NO_ENDINGS, OF_AZURE, PLAIN, vocabulary

_IN_WORD: Final = re.compile(GUID)
_PEOPLE: Final = re.compile(f"(?P<email>{EMAIL})|(?P<home>{HOME})|(?P<host>{URL_HOST}|{UNC_HOST})", re.IGNORECASE)
_ID: Final = re.compile(
    r"/resourceGroups/([\w.()-]+)(?=[/\s\"',;]|$)|/providers/Microsoft\.\w+((?:/[^/\s\"',;?]+/[^/\s\"',;?]+)+)",
    re.IGNORECASE,
)
_FIELD: Final = re.compile(r"^[A-Za-z_]+$")
"""Field names: protocol terms, not customer data."""
SHORT_PREFIX: Final = 3
_MIN_PART: Final = 4
"""Characters of a part of a name that identifies without the rest: a label of a host, a word of a user's name."""
_MAX_PHRASE: Final = 200
_UNRESERVED: Final = "/:?#[]@!$&'()*+,;="


class Pseudonyms:
    """Pseudonyms by value. Call `learn` for identifying values first, then `text` and `value`."""

    def __init__(self, prefix: str = "") -> None:
        self._prefix = prefix.lower()
        self._known: dict[str, str] = {}
        self._given: dict[tuple[str, str], str] = {}
        self._count: dict[str, int] = {}
        self._seen: dict[tuple[str, str], str] = {}
        self._excluded: set[str] = set()
        self._phrases: dict[str, str] = {}
        self._tokens = tokens(())

    def keep(self, text: str) -> None:
        """Exclude the words of a text from replacement, unless already learned: names from FlowForge's templates."""
        words = {word.lower() for word in re.findall(WORD, text)}
        self._excluded.update(word for word in words if word not in self._known and not self._holds_prefix(word))

    def learn(self, kind: str, text: str) -> None:
        """Learn the words of a text as identifiers of a kind ("NAME", "HOST", "USER"), except words of the templates."""
        for match in re.finditer(WORD, text):
            self._learn_word(kind, match[0])
            labels = match[0].split(".")
            for label in labels if len(labels) > 1 and match[0].lower() in self._known else ():
                if len(label) >= _MIN_PART and label.lower() not in ENDINGS:
                    self._learn_word(kind, label)

    def learn_phrase(self, kind: str, phrase: str) -> None:
        """Learn a name of several words, such as that of a person or a department, and each of its words."""
        words = words_of(phrase)
        if len(words) > 1 and len(phrase) <= _MAX_PHRASE:
            self._phrases.setdefault(" ".join(words).lower(), kind)
            self._tokens = tokens(self._phrases)
        self.learn(kind, phrase)

    def learn_people(self, text: str) -> None:
        """Learn the users of e-mail addresses and home folders, and the hosts of URLs, in a text: they are also named alone."""
        for match in _PEOPLE.finditer(unquote(unquote(text))):
            if match.lastgroup == "host":
                self._learn_host(match[0])
                continue
            name, _, domain = match[0].partition("@")
            for word in dict.fromkeys([name, *words_of(name)]):
                if len(word) >= _MIN_PART or match.lastgroup == "home":
                    self._learn_word("USER", word)
            self.learn("NAME", domain)

    def _learn_host(self, host: str) -> None:
        name = host.lower().partition(":")[0]
        own = next((name.removesuffix(f".{ending}") for ending in OF_AZURE if name.endswith(f".{ending}")), name)
        if address_of(name) is None and name not in OF_AZURE:
            for label in own.split("."):
                if len(label) >= _MIN_PART and label not in ENDINGS:
                    self._learn_word("HOST", label)

    def learn_ids(self, value: Json) -> None:
        """Learn the names in all resource IDs of a value."""
        if isinstance(value, str):
            for match in _ID.finditer(value):
                names = [match[1]] if match[1] else match[2].split("/")[2::2]
                for name in names:
                    self.learn("NAME", name)
            self.learn_people(value)
        elif isinstance(value, (list, Mapping)):
            for item in value.values() if isinstance(value, Mapping) else value:
                self.learn_ids(item)
        if isinstance(value, Mapping):
            for name, item in value.items():
                self._learn_field(name.lower(), item)

    def _learn_field(self, name: str, value: Json) -> None:
        if name in PERSONAL and isinstance(value, str):
            self.learn_phrase("USER", value)
        if name == TAGS and isinstance(value, Mapping):
            for item in value.values():
                if isinstance(item, str):
                    self.learn_phrase("TAG", item)

    def _learn_word(self, kind: str, word: str) -> None:
        name = word.lower()
        if self._plain(name) or name.isdecimal() or len(name) < 2 or _IN_WORD.fullmatch(name):
            return
        if name.endswith(tuple(f".{ending}" for ending in OF_AZURE)):
            return
        if not self._holds_prefix(name):
            self._known.setdefault(name, kind)

    def _holds_prefix(self, name: str) -> bool:
        return bool(self._prefix) and self._prefix in name

    def _plain(self, name: str) -> bool:
        return name in vocabulary() or name in PLAIN or name in self._excluded

    # -- replacing -----------------------------------------------------------------------------------------------

    def text(self, text: str) -> str:
        """The text with pseudonyms."""
        return self._tokens.sub(self._token, text)

    def value(self, value: Json) -> Json:
        """A JSON value with pseudonyms; field names stay."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.value(item) for item in value]
        if isinstance(value, Mapping):
            return {
                name if _FIELD.match(name) and name.lower() not in self._known else self.text(name): self.value(item)
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
                return self._pseudonym(self._phrases[phrase], phrase)
            case "email":
                return self._pseudonym("USER", unquote(text))
            case "home":
                return text if self._plain(text.lower()) else self._pseudonym("USER", text)
            case "encoded":
                return self._encoded(text)
            case "mac":
                return self._pseudonym("MAC", digits_of(text))
            case "url" | "unc":
                return self._linked_host(text)
            case "mixed" | "ip4" | "ip6" if address_of(text) is not None:
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
        if shown != text or self._plain(name) or all(self._plain(label) for label in name.split(".")):
            return shown
        if name.endswith(tuple(f".{ending}" for ending in OF_AZURE)) or name in OF_AZURE:
            return shown
        return self._pseudonym("DOMAIN" if "." in name else "HOST", name)

    def _word(self, word: str) -> str:
        name = word.lower()
        if name == self._prefix and name:
            return self._pseudonym("PREFIX", name)
        if name in self._known:
            return self._pseudonym(self._known[name], name)
        if "." in word:
            host = self._host(word)
            if host is not None:
                return host
            word = ".".join(self._known_label(label) for label in word.split("."))
        word = _IN_WORD.sub(lambda found: self._pseudonym("GUID", digits_of(found[0])), word)
        return self._without_prefix(word)

    def _host(self, word: str) -> str | None:
        """An Azure host name keeps its domain; any other is replaced completely. None if it is not a host name."""
        name = word.lower()
        for ending in sorted(OF_AZURE):
            if name.endswith(f".{ending}") or name == ending:
                labels = name.removesuffix(ending).rstrip(".").split(".")
                shown = [label if not label or self._plain(label) else self._label(label) for label in labels]
                return ".".join([*shown, ending]).lstrip(".")
        first, _, last = name.rpartition(".")
        if all(self._plain(label) for label in first.split(".")) and self._prefix not in first.split("."):
            return None
        country = len(last) == 2 and last.isalpha() and last not in NO_ENDINGS
        if (country or last in ENDINGS) and not name.startswith(("microsoft.", "installer.", "azure.", "prefect.")):
            return self._pseudonym("DOMAIN", name)
        return None

    def _known_label(self, label: str) -> str:
        kind = self._known.get(label.lower())
        return label if kind is None else self._pseudonym(kind, label)

    def _label(self, label: str) -> str:
        if self._holds_prefix(label):
            return self._without_prefix(label)
        return self._pseudonym("NAME", label)

    def _without_prefix(self, word: str) -> str:
        """Replace the prefix in a name; a short prefix only in compound names, not in words."""
        prefix = self._prefix
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
