"""Pseudonyms for identifying values: the same pseudonym for the same value in all files of a bundle.

Replaces GUIDs, IP addresses, host names, email addresses, users, hosts, the prefix of the installation in any name, and
names of resources outside the installation. A pseudonym is a word in capitals with a sequential number (`GUID3`,
`PREFIX1`), so that it is not mistaken for a value. Names from FlowForge's templates stay readable.
"""

import ipaddress
import re
from collections.abc import Mapping
from functools import cache
from typing import Final

from installer.jsontypes import Json
from installer.shipped_files import compiled_templates, error_explanations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_GUID: Final = r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
_EMAIL: Final = r"[A-Za-z0-9._%+#-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*"
_IPV6: Final = r"(?:[0-9A-Fa-f]{1,4})?(?::[0-9A-Fa-f]{0,4}){2,7}"
_IPV4: Final = r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.]*\d)"
_WORD: Final = r"[^\W_](?:[\w.-]*\w)?|\$\w+"
_TOKENS: Final = re.compile(rf"(?P<email>{_EMAIL})|(?P<ip4>{_IPV4})|(?P<ip6>{_IPV6})|(?P<word>{_WORD})")
_IN_WORD: Final = re.compile(_GUID)
_ID: Final = re.compile(
    r"/resourceGroups/([\w.()-]+)(?=[/\s\"',;]|$)|/providers/Microsoft\.\w+((?:/[^/\s\"',;?]+/[^/\s\"',;?]+)+)",
    re.IGNORECASE,
)
_FIELD: Final = re.compile(r"^[A-Za-z_]+$")
"""Field names: protocol terms, not customer data."""
_OF_AZURE: Final = _words(
    """azure.com azure.net windows.net microsoft.com azurewebsites.net azurecr.io azurecontainerapps.io azurefd.net
    trafficmanager.net microsoftonline.com azmk8s.io usgovcloudapi.net azure.us azurewebsites.us azurecr.us
    microsoftonline.us chinacloudapi.cn azure.cn azurewebsites.cn azurecr.cn chinacloudapp.cn aka.ms prefect.cloud
    pypi.org python.org ghcr.io docker.io"""
)
_ENDINGS: Final = _words("com net org io dev app cloud info biz gov edu mil int corp local lan intra internal test")
_NO_ENDINGS: Final = _words("py sh js md rs db so id")
"""Two-letter endings of file names rather than country domains."""
_PLAIN: Final = _words(
    """home users tmp var local share state root lib opt usr mnt data runs rehearsals default current localhost host user
    true false none null yes no subscription subscriptions tenant login management www admin blob core dfs file queue
    table vault vaultcore postgres database logs ods oms monitor ingest in privatelink scm"""
)
SHORT_PREFIX: Final = 3


class Pseudonyms:
    """Pseudonyms by value. Call `learn` for identifying values first, then `text` and `value`."""

    def __init__(self, prefix: str = "") -> None:
        self._prefix = prefix.lower()
        self._known: dict[str, str] = {}
        self._given: dict[tuple[str, str], str] = {}
        self._count: dict[str, int] = {}
        self._seen: dict[str, str] = {}
        self._excluded: set[str] = set()

    def keep(self, text: str) -> None:
        """Exclude the words of a text from replacement, unless already learned: names from FlowForge's templates."""
        words = {word.lower() for word in re.findall(_WORD, text)}
        self._excluded.update(word for word in words if word not in self._known and not self._holds_prefix(word))

    def learn(self, kind: str, text: str) -> None:
        """Learn the words of a text as identifiers of a kind ("NAME", "HOST", "USER"), except words of the templates."""
        for match in re.finditer(_WORD, text):
            self._learn_word(kind, match[0])

    def learn_ids(self, value: Json) -> None:
        """Learn the names in all resource IDs of a value."""
        if isinstance(value, str):
            for match in _ID.finditer(value):
                names = [match[1]] if match[1] else match[2].split("/")[2::2]
                for name in names:
                    self.learn("NAME", name)
        elif isinstance(value, (list, Mapping)):
            for item in value.values() if isinstance(value, Mapping) else value:
                self.learn_ids(item)

    def _learn_word(self, kind: str, word: str) -> None:
        name = word.lower()
        if self._plain(name) or name.isdecimal() or len(name) < 2 or _IN_WORD.fullmatch(name):
            return
        if name.endswith(tuple(f".{ending}" for ending in _OF_AZURE)):
            return
        if not self._holds_prefix(name):
            self._known.setdefault(name, kind)

    def _holds_prefix(self, name: str) -> bool:
        return bool(self._prefix) and self._prefix in name

    def _plain(self, name: str) -> bool:
        return name in vocabulary() or name in _PLAIN or name in self._excluded

    # -- replacing -----------------------------------------------------------------------------------------------

    def text(self, text: str) -> str:
        """The text with pseudonyms."""
        return _TOKENS.sub(self._token, text)

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
        text = match[0]
        if text not in self._seen:
            self._seen[text] = self._replaced(match.lastgroup or "", text)
        return self._seen[text]

    def _replaced(self, group: str, text: str) -> str:
        if group == "email":
            return self._pseudonym("USER", text)
        if group == "ip4" or (group == "ip6" and _is_address(text)):
            return self._address(text)
        if group == "ip6":  # a time, or words separated by colons
            return ":".join(self._word(part) for part in text.split(":"))
        return self._word(text)

    def _address(self, text: str) -> str:
        if not _is_address(text):
            return text
        address = ipaddress.ip_address(text)
        return text if address.is_loopback or address.is_unspecified else self._pseudonym("IP", str(address))

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
        word = _IN_WORD.sub(lambda found: self._pseudonym("GUID", found[0]), word)
        return self._without_prefix(word)

    def _host(self, word: str) -> str | None:
        """An Azure host name keeps its domain; any other is replaced completely. None if it is not a host name."""
        name = word.lower()
        for ending in sorted(_OF_AZURE):
            if name.endswith(f".{ending}") or name == ending:
                labels = name.removesuffix(ending).rstrip(".").split(".")
                shown = [label if not label or self._plain(label) else self._label(label) for label in labels]
                return ".".join([*shown, ending]).lstrip(".")
        first, _, last = name.rpartition(".")
        if all(self._plain(label) for label in first.split(".")) and self._prefix not in first.split("."):
            return None
        country = len(last) == 2 and last.isalpha() and last not in _NO_ENDINGS
        if (country or last in _ENDINGS) and not name.startswith(("microsoft.", "installer.", "azure.", "prefect.")):
            return self._pseudonym("DOMAIN", name)
        return None

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


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


@cache
def vocabulary() -> frozenset[str]:
    """Words of the compiled templates and error explanations, in lower case."""
    texts = [path.read_text(encoding="utf-8") for path in compiled_templates()]
    texts.append(error_explanations())
    words = {word.lower() for text in texts for word in re.findall(_WORD, text)}
    return frozenset(words.union(*(word.split(".") for word in words)))
