"""Redaction of a support bundle: known secrets, and text that matches a pattern of secrets.

Known secrets are redacted before they reach any file. This is the second line of defence: messages of Azure and libraries,
and manual input, may contain unknown secrets.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import unquote

from installer.jsontypes import Json
from installer.secret_store import HIDDEN
from installer.support_bundle.spellings import BASE64, base64_text, plain_spelling

_REFERENCE: Final = r"(?:env|keyring|generated|keyvault):"
_WHOLE: Final = (
    r"account[-_ ]?key|shared[-_ ]?access[-_ ]?key|shared[-_ ]?secret[-_ ]?key|instrumentation[-_ ]?key|primary[-_ ]?key"
    r"|secondary[-_ ]?key|subscription[-_ ]?key|api[-_ ]?key|access[-_ ]?key|client[-_ ]?secret|password|passwd|passphrase"
    r"|access[-_ ]?token|refresh[-_ ]?token|id[-_ ]?token|sas[-_ ]?token|private[-_ ]?key|auth[-_ ]?string"
)
_WORDS: Final = r"pwd|secret|token|(?<=_)pass|pass(?==)"
_START: Final = r"(?:(?<![a-z0-9])|(?-i:(?<=[a-z0-9])(?=[A-Z])))"
_NAMES: Final = rf"(?:{_WHOLE}|{_START}(?:{_WORDS}))"
"""Names of secrets in connection strings, JSON and settings: alone, or at the end of another one (PGPASSWORD,
administratorLoginPassword, prefectToken)."""
_KEY: Final = re.compile(rf"(?i)^[a-z0-9_.-]{{0,60}}{_NAMES}(?:[-_]?value)?$")
_QUOTE: Final = r"\\*[\"']"
"""Around a value; with backslashes in JSON inside of JSON."""
_PATTERNS: Final = (
    (
        re.compile(
            r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----.*?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|\Z)", re.DOTALL
        ),
        "",
    ),
    (re.compile(r"\beyJ[\w-]{6,}\.[\w-]{6,}(?:\.[\w-]*)?"), ""),
    (re.compile(r"(?i)\b(bearer|basic|sharedaccesssignature|sharedkey)(\s+)[\w.~+/=%&:-]{8,}"), r"\1\2"),
    (re.compile(r"(?i)(?<![a-z])(sig|sv_sig|code)=[\w%+/=-]{8,}"), r"\1="),
    (re.compile(r"(?i)\b((?:set-)?cookie[\"']?\s*:\s*[\"']?)(?!\s)[^\n\"']{3,}"), r"\1"),
    (re.compile(r"(?i)(\"auth\"\s*:\s*\")[\w+/=]{8,}"), r"\1"),
    (re.compile(r"\b(?:gh[pousr]_|github_pat_|glpat-)[\w-]{16,}"), ""),
    (re.compile(r"(?i)([a-z][a-z0-9+.-]{1,20}://[^/\s:@\"']{0,128}:)[^@/\s\"']{1,256}(?=@)"), r"\1"),
    (
        re.compile(
            rf"(?i)({_NAMES}(?:{_QUOTE})?\s*[=:]\s*(?P<quote>{_QUOTE}))(?!{_REFERENCE}|{HIDDEN})"
            r"(?:(?!(?P=quote))[^\n]){3,512}(?=(?P=quote))"
        ),
        r"\1",
    ),
    (
        re.compile(rf"(?i)({_NAMES}(?:{_QUOTE})?\s*[=:]\s*(?:{_QUOTE})?)(?!{_REFERENCE}|{HIDDEN})[^\s;,&\"'<>]{{3,}}"),
        r"\1",
    ),
    (re.compile(rf"(?i)(\s--?{_NAMES}\s+[\"']?)(?!-|{_REFERENCE}|{HIDDEN})[^\s\"']{{3,}}"), r"\1"),
    (re.compile(rf"(?i)(\blogin\b[^\n]{{0,200}}?\s-p\s+[\"']?)(?!{HIDDEN})[^\s\"']{{3,}}"), r"\1"),
    (re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{86}=="), ""),
    (re.compile(r"\b[\w.~-]{3}8Q~[\w.~-]{30,40}"), ""),
    (re.compile(r"\bpn[ubq]_[A-Za-z0-9]{16,}"), ""),
)
"""Patterns of secrets, and the part of the match to keep: private keys, tokens, authorization headers, SAS signatures,
cookies, logins of registries, tokens of GitHub and GitLab, passwords in URLs, connection strings and options, storage keys, client secrets
of Entra ID, API keys of Prefect Cloud."""
_WORD: Final = re.compile(r"[^\s\"'<>]+")
_LAYERS: Final = 3
"""Encodings in one another that are undone."""


class Redaction:
    """Redacts text and JSON. `known` redacts the secrets of the session."""

    def __init__(self, known: Callable[[str], str] = lambda text: text) -> None:
        self._known = known
        self._seen: dict[str, str] = {}

    def text(self, text: str) -> str:
        """The text without secrets; cached, because texts repeat often."""
        if text not in self._seen:
            self._seen[text] = self._clean(text, _LAYERS)
        return self._seen[text]

    def _clean(self, text: str, layers: int) -> str:
        if layers and (plain := plain_spelling(text)) != text and (clean := self._clean(plain, layers - 1)) != plain:
            return clean
        text = self._known(text)
        if layers:
            text = BASE64.sub(lambda found: self._encoded(found[0], base64_text(found[0]), layers), text)
            if "%" in text:
                text = _WORD.sub(lambda found: self._encoded(found[0], unquote(found[0]), layers), text)
        for pattern, kept in _PATTERNS:
            text = pattern.sub(kept + HIDDEN, text)
        return text

    def _encoded(self, word: str, plain: str | None, layers: int) -> str:
        """A word whose plain text has a secret: hidden, or in plain text if it was in URL encoding."""
        if plain is None or plain == word or (clean := self._clean(plain, layers - 1)) == plain:
            return word
        return clean if "%" in word else HIDDEN

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
