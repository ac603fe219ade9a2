"""What error codes mean and what helps: the entries of explanations.toml, found by code and message."""

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
    "now": "the same may succeed in a moment",
    "after": "once that is done",
    "no": "not as it stands",
}

UNKNOWN_ON: Final = ("rights", "policies", "compute quota", "network quota")


@dataclass(frozen=True)
class Explanation:
    """Cause and remedy of an error code. `retry`: "now", "after" the remedy, or "no"; `link` is "" if there is none.

    on: the circumstances whose change may help, as steps/circumstances.py names them.
    """

    code: str
    cause: str
    remedy: str
    retry: Literal["now", "after", "no"]
    link: str = ""
    pattern: str = ""
    on: tuple[str, ...] = ()


@cache
def explanations() -> tuple[Explanation, ...]:
    """All entries, those with a pattern before those of the same code without."""
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
        )
        for entry in raw["error"]
    ]
    return tuple(sorted(found, key=lambda entry: not entry.pattern))


def explanation(code: str, message: str = "") -> Explanation | None:
    """The entry that fits, or None when the code is not known."""
    for entry in explanations():
        if entry.code.lower() == code.lower() and (
            not entry.pattern or re.search(entry.pattern, message, re.IGNORECASE)
        ):
            return entry
    return None


def depends_on(cause: Cause) -> tuple[str, ...]:
    """The circumstances whose change may help against a cause; of one that is not known, the usual ones."""
    found = explanation(cause.code, cause.message)
    return UNKNOWN_ON if found is None else found.on


def nearest(code: str) -> list[str]:
    """Known codes that look like this one."""
    known = {entry.code.lower(): entry.code for entry in explanations()}
    return [known[name] for name in difflib.get_close_matches(code.lower(), known, n=3, cutoff=0.6)]


def told(cause: Cause) -> list[str]:
    """An innermost error in lines: what Azure said, why that is, what helps."""
    found = explanation(cause.code, cause.message)
    if found is None:
        return [str(cause)]
    lines = [str(cause), f"  Cause: {found.cause}", f"  Remedy: {found.remedy}", f"  Retry: {RETRY_WORDS[found.retry]}"]
    return [*lines, f"  See {found.link}"] if found.link else lines
