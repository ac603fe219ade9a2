"""Lists in pages, with a nextLink that carries a $skiptoken."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from installer.emulator.errors import ArmError
from installer.emulator.protocol.request import ArmRequest, answer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.responses import Response

    from installer.json_access import JsonObject
    from installer.jsontypes import Json

_PAGE = 1000


def page(request: ArmRequest, items: Sequence[Json]) -> Response:
    """The page at $skiptoken; $top limits its length."""
    return page_of(request, len(items), lambda start, size: list(items[start : start + size]), _PAGE)


def page_of(request: ArmRequest, count: int, read: Callable[[int, int], list[Json]], max_items: int) -> Response:
    """The page at $skiptoken of a list that is read only in part.

    Args:
        request: The request with $skiptoken and $top.
        count: The length of the whole list.
        read: Returns items by start and number.
        max_items: The maximum number of items on a page.

    """
    start = _start(request.query.get("$skiptoken", ""))
    top = request.query.get("$top", "")
    size = min(max_items, int(top)) if top.isdecimal() and len(top) < 9 and int(top) > 0 else max_items
    body: JsonObject = {"value": read(start, size)}
    if start + size < count and not top:
        token = base64.b64encode(str(start + size).encode()).decode()
        query = urlencode({**request.query, "$skiptoken": token}, quote_via=quote)
        body["nextLink"] = f"{request.base}{request.path}?{query}"
    return answer(200, body)


def _start(token: str) -> int:
    if not token:
        return 0
    try:
        return max(0, int(base64.b64decode(token, validate=True)[:9]))
    except (binascii.Error, ValueError):
        raise ArmError(400, "InvalidSkipToken", "The provided skip token is invalid.") from None
