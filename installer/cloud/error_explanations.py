"""Causes and remedies of error codes: the entries of error_explanations.toml, found by code and message."""

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

from installer import shipped_files
from installer.cloud.error_causes import Cause

PAGES: Final = "https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/"
RETRY_WORDS: Final[Mapping[str, str]] = {
    "now": "may succeed shortly",
    "after": "after the remedy",
    "no": "not without changes",
}

UNKNOWN_ON: Final = ("rights", "policies", "compute quota", "network quota")


@dataclass(frozen=True)
class Explanation:
    """Cause and remedy of an error code.

    Attributes:
        retry: Whether a retry can help: "now", "after" the remedy, or "no".
        link: Page of the Azure documentation, "" if there is none.
        pattern: Regular expression searched in the message; "" matches every message.
        on: Conditions whose change may help, as named in steps/retry_conditions.py.
        wait: Seconds within which a temporary cause usually passes; 0 for a short one.

    """

    code: str
    cause: str
    remedy: str
    retry: Literal["now", "after", "no"]
    link: str = ""
    pattern: str = ""
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
            tuple(entry.get("on", ())),
            float(entry.get("wait", 0)),
        )
        for entry in raw["error"]
    ]
    return tuple(sorted(found, key=lambda entry: not entry.pattern))


def explanation(code: str, message: str = "") -> Explanation | None:
    """The matching entry, or None if the code is unknown."""
    for entry in explanations():
        if entry.code.lower() == code.lower() and (
            not entry.pattern or re.search(entry.pattern, message, re.IGNORECASE)
        ):
            return entry
    return None


def depends_on(cause: Cause) -> tuple[str, ...]:
    """Conditions whose change may resolve a cause; the usual ones for an unknown code."""
    found = explanation(cause.code, cause.message)
    return UNKNOWN_ON if found is None else found.on


def nearest(code: str) -> list[str]:
    """Known codes similar to this one."""
    known = {entry.code.lower(): entry.code for entry in explanations()}
    return [known[name] for name in difflib.get_close_matches(code.lower(), known, n=3, cutoff=0.6)]


def explained(cause: Cause) -> list[str]:
    """Lines about an innermost error: error of Azure, cause, remedy, retry and link."""
    found = explanation(cause.code, cause.message)
    if found is None:
        return [str(cause)]
    lines = [str(cause), f"  Cause: {found.cause}", f"  Remedy: {found.remedy}", f"  Retry: {RETRY_WORDS[found.retry]}"]
    return [*lines, f"  See {found.link}"] if found.link else lines
