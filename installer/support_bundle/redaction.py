"""Takes secrets out of what is to be given away: those that are known, and whatever looks like one.

Known secrets have been blacked out before they reached any file of ours. This is the second line: texts of Azure, of
libraries and of the admin's own hand may hold what nobody has told us to be a secret.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

from installer.jsontypes import Json
from installer.secret_store import HIDDEN

_REFERENCE: Final = r"(?:env|keyring|generated|keyvault):"
_NAMES: Final = (
    r"account[-_ ]?key|shared[-_ ]?access[-_ ]?key|shared[-_ ]?secret[-_ ]?key|instrumentation[-_ ]?key|primary[-_ ]?key"
    r"|secondary[-_ ]?key|api[-_ ]?key|access[-_ ]?key|client[-_ ]?secret|password|passwd|pwd|access[-_ ]?token"
    r"|refresh[-_ ]?token|id[-_ ]?token|sas[-_ ]?token|private[-_ ]?key|auth[-_ ]?string|secret|token"
)
"""What a secret is called in connection strings, in JSON and in settings."""
_KEY: Final = re.compile(rf"(?i)^(?:[a-z0-9_-]{{0,40}}[-_])?(?:{_NAMES})(?:[-_]?value)?$")
_PATTERNS: Final = (
    (
        re.compile(
            r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----.*?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|\Z)", re.DOTALL
        ),
        "",
    ),
    (re.compile(r"\beyJ[\w-]{6,}\.[\w-]{6,}(?:\.[\w-]*)?"), ""),
    (re.compile(r"(?i)\b(bearer|basic|sharedaccesssignature|sharedkey)(\s+)[\w.~+/=%&:-]{8,}"), r"\1\2"),
    (re.compile(r"(?i)\b(sig|sv_sig|code)=[\w%+/=-]{8,}"), r"\1="),
    (re.compile(r"(?i)([a-z][a-z0-9+.-]{1,20}://[^/\s:@\"']{0,128}:)[^@/\s\"']{1,256}(?=@)"), r"\1"),
    (
        re.compile(
            rf"(?i)((?<![a-z0-9])(?:{_NAMES})[\"']?\s*[=:]\s*[\"']?)(?!{_REFERENCE}|{HIDDEN})[^\s;,&\"'<>]{{3,}}"
        ),
        r"\1",
    ),
    (re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{86}=="), ""),
    (re.compile(r"\b[\w.~-]{3}8Q~[\w.~-]{30,40}"), ""),
    (re.compile(r"\bpn[ubq]_[A-Za-z0-9]{16,}"), ""),
)
"""What is searched for, and what of it stays before the sign for hidden text: private keys, tokens, authorization
headers, signatures of shared access, passwords in addresses, connection strings, storage keys, keys of Entra ID and of
Prefect Cloud."""


class Redaction:
    """Texts and JSON without secrets. `known` blacks out the secrets of the session."""

    def __init__(self, known: Callable[[str], str] = lambda text: text) -> None:
        self._known = known
        self._seen: dict[str, str] = {}

    def text(self, text: str) -> str:
        """The text without secrets. Most texts of a run come many times."""
        if text not in self._seen:
            clean = self._known(text)
            for pattern, kept in _PATTERNS:
                clean = pattern.sub(kept + HIDDEN, clean)
            self._seen[text] = clean
        return self._seen[text]

    def value(self, value: Json) -> Json:
        """Any JSON value without secrets; of a key that is called like one the whole text goes."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.value(item) for item in value]
        if isinstance(value, Mapping):
            return {self.text(name): self._named(name, item) for name, item in value.items()}
        return value

    def _named(self, name: str, value: Json) -> Json:
        if isinstance(value, str) and _KEY.match(name) and not re.match(_REFERENCE, value):
            return HIDDEN if value else value
        return self.value(value)
