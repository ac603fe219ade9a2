"""Identifying values of one run: learned from its records before anything is replaced."""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote

from installer.jsontypes import Json
from installer.support_bundle import identity_patterns as forms
from installer.support_bundle.identity_patterns import GUID, WORD, address_of, addresses_in, digits_of, words_of
from installer.support_bundle.public_words import ENDINGS, OF_AZURE, PLAIN, vocabulary

_IN_WORD: Final = re.compile(GUID)
_PEOPLE: Final = re.compile(
    f"(?P<email>{forms.EMAIL})|(?P<home>{forms.HOME})|(?P<host>{forms.URL_HOST}|{forms.UNC_HOST})", re.IGNORECASE
)
_ID: Final = re.compile(
    r"/resourceGroups/([\w.()-]+)(?=[/\s\"',;]|$)|/providers/Microsoft\.\w+((?:/[^/\s\"',;?]+/[^/\s\"',;?]+)+)",
    re.IGNORECASE,
)
_MIN_PART: Final = 4
"""Characters of a part of a name that identifies without the rest: a label of a host, a word of a user's name."""
_MAX_PHRASE: Final = 200
_SHORT: Final = 8
"""Digits by which a GUID is named in short."""


class Identities:
    """Identifying values of the installation with a prefix, by spelling.

    Attributes:
        prefix: The prefix, in lower case.
        known: Kinds of words ("NAME", "HOST", "USER"), in lower case.
        phrases: Kinds of names of several words.
        short: The digits of GUIDs, by their first eight.
        addresses: Addresses of version 4.
        cards: Addresses of network cards, as digits.

    """

    def __init__(self, prefix: str = "") -> None:
        self.prefix = prefix.lower()
        self.known: dict[str, str] = {}
        self.phrases: dict[str, str] = {}
        self.short: dict[str, str] = {}
        self.cards: set[str] = set()
        self.addresses: set[str] = set()
        self._excluded: set[str] = set()

    def keep(self, text: str) -> None:
        """Exclude the words of a text from replacement, unless already learned: names from FlowForge's templates."""
        words = {word.lower() for word in re.findall(WORD, text)}
        self._excluded.update(word for word in words if word not in self.known and not self.holds_prefix(word))

    def learn(self, kind: str, text: str) -> None:
        """Learn the words of a text as identifiers of a kind ("NAME", "HOST", "USER"), except words of the templates."""
        for match in re.finditer(WORD, text):
            self._learn_word(kind, match[0])
            labels = match[0].split(".")
            for label in labels if len(labels) > 1 and match[0].lower() in self.known else ():
                if len(label) >= _MIN_PART and label.lower() not in ENDINGS:
                    self._learn_word(kind, label)

    def learn_phrase(self, kind: str, phrase: str) -> None:
        """Learn a name of several words, such as that of a person or a department, and each of its words."""
        words = words_of(phrase)
        if len(words) > 1 and len(phrase) <= _MAX_PHRASE:
            self.phrases.setdefault(" ".join(words).lower(), kind)
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
            self.addresses |= addresses_in(value)
            self.short.update({digits_of(found[0])[:_SHORT]: digits_of(found[0]) for found in _IN_WORD.finditer(value)})
        elif isinstance(value, (list, Mapping)):
            for item in value.values() if isinstance(value, Mapping) else value:
                self.learn_ids(item)
        if isinstance(value, Mapping):
            for name, item in value.items():
                self._learn_field(name.lower(), item)

    def _learn_field(self, name: str, value: Json) -> None:
        if name in forms.PERSONAL and isinstance(value, str):
            self.learn_phrase("USER", value)
        if name in forms.CARDS and isinstance(value, str):
            self.cards.add(digits_of(value))
        if name == forms.TAGS:
            rows = value if isinstance(value, list) else [value]
            for item in (item for row in rows if isinstance(row, Mapping) for item in row.values()):
                if isinstance(item, str):
                    self.learn_phrase("TAG", item)

    def _learn_word(self, kind: str, word: str) -> None:
        name = word.lower()
        if self.is_plain(name) or name.isdecimal() or len(name) < 2 or _IN_WORD.fullmatch(name):
            return
        if name.endswith(tuple(f".{ending}" for ending in OF_AZURE)):
            return
        if not self.holds_prefix(name):
            self.known.setdefault(name, kind)

    def holds_prefix(self, name: str) -> bool:
        """Whether a name in lower case has the prefix of the installation."""
        return bool(self.prefix) and self.prefix in name

    def is_plain(self, name: str) -> bool:
        """Whether a name in lower case identifies nothing: a word of Azure, of file systems, or of the templates."""
        return name in vocabulary() or name in PLAIN or name in self._excluded
