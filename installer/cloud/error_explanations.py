"""Causes and remedies of errors: the entries of explanations/*.toml, found by code and message."""

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

from installer import shipped_files
from installer.cloud.error_causes import GENERIC, Cause

PAGES: Final = "https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/"
RETRY_WORDS: Final[Mapping[str, str]] = {
    "now": "may succeed shortly",
    "after": "after the remedy",
    "no": "not without changes",
}

SENTENCE_CHARACTERS: Final = 5_000
"""Read of a message that may be a whole log."""
UNKNOWN_ON: Final = ("rights", "policies", "compute quota", "network quota")


@dataclass(frozen=True)
class Explanation:
    """Cause and remedy of an error code.

    Attributes:
        retry: Whether a retry can help: "now", "after" the remedy, or "no".
        link: Page of the Azure documentation, "" if there is none.
        code: Code of Azure; "" for an error that is known by its sentence only.
        pattern: Regular expression searched in the message; "" matches every message.
        sentence: Regular expression of a sentence by which the error is recognised without its code; "" for none.
        on: Conditions whose change may help, as named in steps/retry_conditions.py.
        wait: Seconds within which a temporary cause usually passes; 0 for a short one.

    """

    code: str
    cause: str
    remedy: str
    retry: Literal["now", "after", "no"]
    link: str = ""
    pattern: str = ""
    sentence: str = ""
    on: tuple[str, ...] = ()
    wait: float = 0.0


@cache
def explanations() -> tuple[Explanation, ...]:
    """All entries; those with a pattern come first."""
    raw = tomllib.loads(shipped_files.error_explanations())
    found = [
        Explanation(
            entry["code"],
            entry["cause"],
            entry["remedy"],
            entry["retry"],
            PAGES + entry["link"] if entry.get("link") else "",
            entry.get("pattern", ""),
            entry.get("sentence", ""),
            tuple(entry.get("on", ())),
            float(entry.get("wait", 0)),
        )
        for entry in raw["error"]
    ]
    return tuple(sorted(found, key=lambda entry: not entry.pattern))


def explanation(code: str, message: str = "") -> Explanation | None:
    """The matching entry, or None if the error is unknown. A sentence decides where the code is general."""
    found = _by_code(code, message) if code else None
    if (found is None or not found.pattern) and code in GENERIC:
        return by_sentence(message) or found
    return found


def by_sentence(message: str) -> Explanation | None:
    """The entry that is recognised by a sentence of a message."""
    beginning = message[:SENTENCE_CHARACTERS]
    return next((entry for sentence, entry in _sentences() if sentence.search(beginning)), None)


def _by_code(code: str, message: str) -> Explanation | None:
    fitting = (entry for entry in explanations() if entry.code.lower() == code.lower())
    return next((one for one in fitting if not one.pattern or re.search(one.pattern, message, re.IGNORECASE)), None)


@cache
def _sentences() -> tuple[tuple[re.Pattern[str], Explanation], ...]:
    return tuple((re.compile(one.sentence, re.IGNORECASE), one) for one in explanations() if one.sentence)


def depends_on(cause: Cause) -> tuple[str, ...]:
    """Conditions whose change may resolve a cause; the usual ones for an unknown code."""
    found = explanation(cause.code, cause.message)
    return UNKNOWN_ON if found is None else found.on


def nearest(code: str) -> list[str]:
    """Known codes similar to this one."""
    known = {entry.code.lower(): entry.code for entry in explanations() if entry.code}
    return [known[name] for name in difflib.get_close_matches(code.lower(), known, n=3, cutoff=0.6)]


def meanings(cause: Cause) -> tuple[Explanation, ...]:
    """The matching entry; of a code without a message all entries, where only a message decides between them."""
    found = explanation(cause.code, cause.message)
    if found is not None:
        return (found,)
    return (
        ()
        if cause.message
        else tuple(one for one in explanations() if one.code and one.code.lower() == cause.code.lower())
    )


def explained(cause: Cause) -> list[str]:
    """Lines about an innermost error: error of Azure, cause, remedy, retry and link."""
    found = meanings(cause)
    several = ", one of these: its message decides" if len(found) > 1 else ""
    return [f"{cause}{several}", *(line for one in found for line in _lines(one))]


def _lines(found: Explanation) -> list[str]:
    lines = [f"  Cause: {found.cause}", f"  Remedy: {found.remedy}", f"  Retry: {RETRY_WORDS[found.retry]}"]
    return [*lines, f"  See {found.link}"] if found.link else lines
