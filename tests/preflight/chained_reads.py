"""Reads that know how many responses each request has had to wait for: the length of the chains of requests."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from installer.cloud.rest import Service
from installer.jsontypes import Json
from installer.preflight.model import Check, Entry
from installer.preflight.reads import Reads, Request
from installer.preflight.subject import Subject

_HERE: Final = threading.local()
"""Links of the chain of the check that runs on this thread."""


class ChainedReads(Reads):
    """Counts the links of chains. A request that is sent ahead, or by another check, waits for nothing more."""

    def __init__(self, service: Service) -> None:
        super().__init__(service)
        self.links: dict[tuple[str, str, str], int] = {}

    @property
    def longest(self) -> int:
        """Requests in the longest chain."""
        return max(self.links.values(), default=0)

    def _begun(self, request: Request) -> Any:
        self.links.setdefault(request.key, getattr(_HERE, "links", 0) + 1)
        return super()._begun(request)

    def _response(self, request: Request) -> Json:
        try:
            return super()._response(request)
        finally:
            _HERE.links = max(getattr(_HERE, "links", 0), self.links.get(request.key, 0))


def with_own_chain(check: Check) -> Check:
    """The check with a new chain, whichever thread runs it."""

    def entries(subject: Subject) -> Iterator[Entry]:
        _HERE.links = 0
        yield from check.entries(subject)

    return replace(check, entries=entries)
