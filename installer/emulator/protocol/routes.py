"""Routes: ARM's paths are matched ignoring case, doubled and trailing slashes."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.responses import Response

    from installer.emulator.protocol.request import ArmRequest

Handler = Callable[["ArmRequest"], Awaitable["Response"]]
_PLACEHOLDER = re.compile(r"\{(\w+)(:path)?\}")


@dataclass(frozen=True)
class Route:
    """A path pattern (`{name}` is one segment, `{name:path}` any number), its methods and their handlers.

    `versioned` routes need an api-version, `open` ones no token.
    """

    pattern: str
    handlers: dict[str, Handler]
    versioned: bool = True
    open: bool = False

    def compiled(self) -> re.Pattern[str]:
        """The pattern as a regular expression."""
        text, at = "", 0
        for found in _PLACEHOLDER.finditer(self.pattern):
            text += re.escape(self.pattern[at : found.start()])
            text += f"(?P<{found[1]}>{'.+' if found[2] else '[^/]+'})"
            at = found.end()
        return re.compile(text + re.escape(self.pattern[at:]), re.IGNORECASE | re.DOTALL)


class RouteTable:
    """Routes in the order in which they are tried."""

    def __init__(self, routes: list[Route]) -> None:
        self._routes = [(route.compiled(), route) for route in routes]

    def find(self, path: str, method: str) -> tuple[Route, Handler | None, dict[str, str]] | None:
        """The first route that matches the path: with its handler, or None for an unsupported method."""
        partly: tuple[Route, Handler | None, dict[str, str]] | None = None
        for pattern, route in self._routes:
            found = pattern.fullmatch(path)
            if found is None:
                continue
            handler = route.handlers.get(method) or (route.handlers.get("GET") if method == "HEAD" else None)
            if handler is not None:
                return route, handler, found.groupdict()
            partly = partly or (route, None, found.groupdict())
        return partly
