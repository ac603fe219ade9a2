"""Redaction of a support bundle: known secrets, and text that matches a pattern of secrets.

Known secrets are redacted before they reach any file. This is the second line of defence: messages of Azure and libraries,
and manual input, may contain unknown secrets.
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
"""Names of secrets in connection strings, JSON and settings."""
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
"""Patterns of secrets, and the part of the match to keep: private keys, tokens, authorization headers, SAS signatures,
passwords in URLs, connection strings, storage keys, client secrets of Entra ID, API keys of Prefect Cloud."""


class Redaction:
    """Redacts text and JSON. `known` redacts the secrets of the session."""

    def __init__(self, known: Callable[[str], str] = lambda text: text) -> None:
        self._known = known
        self._seen: dict[str, str] = {}

    def text(self, text: str) -> str:
        """The text without secrets; cached, because texts repeat often."""
        if text not in self._seen:
            clean = self._known(text)
            for pattern, kept in _PATTERNS:
                clean = pattern.sub(kept + HIDDEN, clean)
            self._seen[text] = clean
        return self._seen[text]

    def value(self, value: Json) -> Json:
        """A JSON value without secrets; a value with the name of a secret is hidden completely."""
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
