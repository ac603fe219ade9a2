"""Disturbances of an installation: signals, proxies, errors of Azure, hostile answers and damaged files; a damage is False if it found no file."""

import signal
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

STOPS: Final = (signal.SIGINT, signal.SIGHUP, signal.SIGTERM)
NOWHERE: Final = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "https_proxy"), "http://127.0.0.1:1")
"""Proxies that do not connect: what stays on this machine must not use them."""
FAULTS: Final = (
    "throttling",
    "server-error",
    "bad-gateway",
    "service-unavailable",
    "gateway-timeout",
    "connection-reset",
    "answer-lost",
)
"""Errors of Azure that pass, drawn for a share of all requests."""
HOSTILE: Final = (
    "captive-portal",
    "not-utf-8",
    "nested-answer",
    "array-answer",
    "cut-answer",
    "wrong-types",
    "foreign-page",
    "foreign-redirect",
    "foreign-poll",
    "unprintable-names",
    "unprintable-message",
)
"""Answers that Azure cannot have given, at some request of an attempt."""
A_DAY: Final = "throttling:count=1,seconds=86400"
"""An answer that asks for a wait of a day: only a stop ends it soon."""
REFUSALS: Final = (
    r"answered \d+ with something else than a JSON object: .",
    r"redirected the request to another host, elsewhere\.invalid",
    r"answered \d+ with .+ of another form than documented",
    r"answered with JSON of another form than documented",
    r"InternalServerError: The operation failed",
)
"""Words of which a refusal after a hostile answer has some: the status, the host and the first line or the wrong member; or the error."""
KINDS: Final = ("kill", *(one.name for one in STOPS), "proxy", "damage", "hostile", "hostile", "hostile", "a day")


def _written(pattern: str, content: bytes) -> Callable[[Path], bool]:
    def damage(state: Path) -> bool:
        found = [*state.glob(pattern)]
        for path in found:
            path.write_bytes(content)
        return bool(found)

    return damage


def _deleted(pattern: str) -> Callable[[Path], bool]:
    def damage(state: Path) -> bool:
        found = [*state.glob(pattern)]
        for path in found:
            path.unlink()
        return bool(found)

    return damage


def _torn_event(state: Path) -> bool:
    torn = False
    for path in state.glob("runs/*/journal.sqlite"):
        with suppress(sqlite3.Error), closing(sqlite3.connect(path, timeout=1)) as db, db:
            changed = db.execute("UPDATE events SET line = '{torn' WHERE number = (SELECT max(number) / 2 FROM events)")
            torn = torn or changed.rowcount > 0
    return torn


DAMAGES: Final[Mapping[str, Callable[[Path], bool]]] = {
    "lock deleted": _deleted("runs/*/journal.lock"),
    "owner is no JSON": _written("runs/*/owner.json", b"\xff{"),
    "event torn": _torn_event,
    "preferences cut": _written("preferences.json", b"{"),
    "draft emptied": _written("draft-rehearsal.json", b""),
    "certificate emptied": _written("rehearsals/*/server.pem", b""),
    "key cut": _written("rehearsals/*/server.key", b"-----BEGIN"),
}
