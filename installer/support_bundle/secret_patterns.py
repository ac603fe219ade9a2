"""Patterns of secrets in text: by the name before them, by the form of a kind, and by their randomness.

The last one is for tokens of any service, whole or in the lines that a terminal or a mail has wrapped them into.
"""

import re
from itertools import pairwise
from typing import Final

from installer.secret_store import HIDDEN
from installer.support_bundle.spellings import base64_text

REFERENCE: Final = r"(?:env|keyring|generated|keyvault):"
_WHOLE: Final = (
    r"account[-_ ]?key|shared[-_ ]?access[-_ ]?key|shared[-_ ]?secret[-_ ]?key|instrumentation[-_ ]?key|primary[-_ ]?key"
    r"|secondary[-_ ]?key|subscription[-_ ]?key|api[-_ ]?key|access[-_ ]?key|client[-_ ]?secret|password|passwd|passphrase"
    r"|(?:host|master|functions)[-_ ]?key|client[-_ ]?key(?:[-_ ]?data)?|access[-_ ]?token|refresh[-_ ]?token|id[-_ ]?token|sas[-_ ]?token|private[-_ ]?key|auth[-_ ]?string"
)
_WORDS: Final = r"pwd|secret|token|(?<=_)pass|pass(?==)|pat(?=[\"']?\s*[=:])"
_START: Final = r"(?:(?<![a-z0-9])|(?-i:(?<=[a-z0-9])(?=[A-Z])))"
_NAMES: Final = rf"(?:{_WHOLE}|{_START}(?:{_WORDS}))"
"""Names of secrets in connection strings, JSON and settings: alone, or at the end of another one (PGPASSWORD,
administratorLoginPassword, prefectToken)."""
KEY: Final = re.compile(rf"(?i)^[a-z0-9_.-]{{0,60}}{_NAMES}(?:[-_]?value)?$")
_QUOTE: Final = r"\\*[\"']"
"""Around a value; with backslashes in JSON inside of JSON."""
_PATTERNS: Final = (
    (
        re.compile(
            r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----.*?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|\Z)", re.DOTALL
        ),
        "",
    ),
    (re.compile(r"\beyJ[\w-]{6,}(?:\s*\.\s*(?=[\w-]{6})|[\w.-]|(?:\\[rn]|\s){1,8}(?=[\w.-]{40}))*"), ""),
    (re.compile(r"\b[01]\.A[\w-]{20,}(?:\.[\w-]{6,})*"), ""),
    (re.compile(r"(?i)\b(bearer|basic|sharedaccesssignature|sharedkey)(\s+)[\w.~+/=%&:-]{8,}"), r"\1\2"),
    (re.compile(r"(?i)(?<![a-z])(sig|sv_sig|code)=[\w%+/=-]{8,}"), r"\1="),
    (re.compile(r"(?i)\b((?:set-)?cookie[\"']?\s*:\s*[\"']?)(?!\s)[^\n\"']{3,}"), r"\1"),
    (re.compile(r"(?i)(\"auth\"\s*:\s*\")[\w+/=]{8,}"), r"\1"),
    (re.compile(r"\b(?:gh[pousr]_|github_pat_|glpat-)[\w-]{16,}"), ""),
    (re.compile(r"(?i)([a-z][a-z0-9+.-]{1,20}://[^/\s:@\"']{0,128}:)[^@/\s\"']{1,256}(?=@)"), r"\1"),
    (
        re.compile(
            rf"(?i)({_NAMES}\s*[=:\s]\s*\(?[a-z-]{{1,40}}[( ]+(?P<quote>{_QUOTE}))(?!{REFERENCE}|{HIDDEN})"
            r"(?:(?!(?P=quote))[^\n]){3,512}(?=(?P=quote)\))"
        ),
        r"\1",
    ),
    (
        re.compile(
            rf"(?i)({_NAMES}(?:{_QUOTE})?\s*[=:]>?\s*(?P<quote>{_QUOTE}))(?!{REFERENCE}|{HIDDEN})"
            r"(?:(?!(?P=quote))[^\n]){3,512}(?=(?P=quote))"
        ),
        r"\1",
    ),
    (
        re.compile(rf"(?i)({_NAMES}(?:{_QUOTE})?\s*[=:]>?\s*(?:{_QUOTE})?)(?!{REFERENCE}|{HIDDEN})[^\s;,&\"'<>]{{3,}}"),
        r"\1",
    ),
    (
        re.compile(
            rf"(?i)((?:name|key)(?:{_QUOTE})?\s*[=:]\s*{_QUOTE}[a-z0-9_.-]{{0,60}}{_NAMES}{_QUOTE}[\s,]+(?:{_QUOTE})?value(?:{_QUOTE})?"
            rf"\s*[=:]\s*(?P<quote>{_QUOTE}))(?!{REFERENCE}|{HIDDEN})(?:(?!(?P=quote))[^\n]){{3,512}}(?=(?P=quote))"
        ),
        r"\1",
    ),
    (re.compile(rf"(?i)(<[a-z0-9_.:-]{{0,60}}{_NAMES}>)(?!{REFERENCE}|{HIDDEN})[^<]{{3,512}}(?=</)"), r"\1"),
    (
        re.compile(
            rf"(?i)({_START}(?:sig|signature|sas|credentials?|assertion|nonce|code[-_]?verifier)(?:{_QUOTE})?\s*[=:]>?\s*(?:{_QUOTE})?)"
            rf"(?!{HIDDEN})(?=[^\s\"']{{0,40}}\d)[\w%+/=.~-]{{16,}}"
        ),
        r"\1",
    ),
    (re.compile(r"(\s(?:-u|--user)[ =][\"']?[^\s:\"']{1,64}:)(?!\d+\b)[^\s\"']{3,}"), r"\1"),
    (re.compile(r"(?<![a-z0-9])(?=[a-z]{0,51}[2-7])[a-z2-7]{52}(?![a-z0-9])"), ""),
    (re.compile(rf"(?i)(\s--?(?:{_NAMES}|pat)\s+[\"']?)(?!-|{REFERENCE}|{HIDDEN})[^\s\"']{{3,}}"), r"\1"),
    (re.compile(rf"(?i)(\blogin\b[^\n]{{0,200}}?\s-p\s+[\"']?)(?!{HIDDEN})[^\s\"']{{3,}}"), r"\1"),
    (re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{86}=="), ""),
    (re.compile(r"\b[\w.~-]{3}8Q~[\w.~-]{30,40}"), ""),
    (re.compile(r"\bpn[ubq]_[A-Za-z0-9]{16,}"), ""),
)
"""Patterns of secrets, and the part of the match to keep: private keys, tokens, authorization headers, SAS signatures,
cookies, logins of registries, tokens of GitHub and GitLab, passwords in URLs, connection strings and options, storage keys, client secrets
of Entra ID, API keys of Prefect Cloud."""

_RUN: Final = re.compile(r"[A-Za-z0-9_-]{40,}={0,2}|[A-Za-z0-9+/]{40,}={0,2}")
"""Base64 in both alphabets (RFC 4648); a path has the sign of the second one, too."""
_HEX: Final = re.compile(r"(?<![A-Za-z0-9])[0-9A-Fa-f]+(?![A-Za-z0-9])")
_KINDS: Final = (str.isupper, str.islower, str.isdigit)
MIN_MIXED: Final = 24
"""Characters that are left without hexadecimal parts; fewer may be mixed by chance."""
MIN_CHANGES: Final = 0.42
"""Share of neighbours of different kinds (capital, small letter, digit): 0.62 ± 0.08 in 40 random ones of 62, below 0.35 in names."""


def without_secrets(text: str) -> str:
    """The text without what has the form of a secret."""
    for pattern, kept in _PATTERNS:
        text = pattern.sub(kept + HIDDEN, text)
    return _RUN.sub(lambda found: HIDDEN if _is_random(found[0]) else found[0], text)


def _is_random(run: str) -> bool:
    """Whether capitals, small letters and digits are mixed as in no name: in a random text of this length all but one in a hundred.

    Digests and GUIDs are hexadecimal, and text in base64 was read and redacted as text before.
    """
    if base64_text(run) is not None:
        return False
    words = [word for word in re.split(r"[^A-Za-z0-9]+", _HEX.sub("", run)) if word]
    kinds = [[tuple(test(sign) for test in _KINDS) for sign in word] for word in words]
    found = {kind for word in kinds for kind in word}
    changes = [one != other for word in kinds for one, other in pairwise(word)]
    return len(found) == len(_KINDS) and len(changes) >= MIN_MIXED and sum(changes) >= MIN_CHANGES * len(changes)
