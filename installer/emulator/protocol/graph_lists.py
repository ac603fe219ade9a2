"""Lists of Microsoft Graph: filtered, with a context, in pages with an @odata.nextLink."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from installer.emulator.protocol.request import ArmRequest, answer
from installer.json_access import as_list, as_text, member

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.responses import Response

    from installer.json_access import JsonObject
    from installer.jsontypes import Json

_TERM = re.compile(
    r"(?:(?P<field>\w+)\s+eq\s+'(?P<equal>(?:[^']|'')*)')|(?:startswith\((?P<start>\w+),\s*'(?P<begin>[^']*)'\))"
    r"|(?:(?P<many>\w+)/any\(\w+:\s*\w+\s+eq\s+'(?P<any>[^']*)'\))",
    re.IGNORECASE,
)
_PAGE = 100


def graph_page(request: ArmRequest, items: Sequence[JsonObject], kind: str) -> Response:
    """The requested page of a filtered list; filters are `eq`, `startswith` and `any`, joined by `or` or by `and`."""
    wanted = request.query.get("$filter", "")
    passing: list[Json] = [item for item in items if _passes(item, wanted)]
    token, top = request.query.get("$skiptoken", ""), request.query.get("$top", "")
    start = int(token) if token.isdecimal() and len(token) < 9 else 0
    size = min(_PAGE, int(top)) if top.isdecimal() and 0 < len(top) < 4 and int(top) else _PAGE
    body: JsonObject = {
        "@odata.context": f"{request.base}/v1.0/$metadata#{kind}",
        "value": passing[start : start + size],
    }
    if start + size < len(passing):
        query = urlencode({**request.query, "$skiptoken": str(start + size)}, quote_via=quote)
        body["@odata.nextLink"] = f"{request.base}{request.path}?{query}"
    return answer(200, body)


def _passes(item: JsonObject, wanted: str) -> bool:
    hits = []
    for term in _TERM.finditer(wanted):
        if term["field"]:
            hits.append(_text(item, term["field"]) == term["equal"].replace("''", "'").lower())
        elif term["start"]:
            hits.append(_text(item, term["start"]).startswith(term["begin"].lower()))
        else:
            values = [as_text(value).lower() for value in as_list(member(item, term["many"]))]
            hits.append(term["any"].lower() in values)
    if not hits:
        return True
    return any(hits) if " or " in wanted.lower() else all(hits)


def _text(item: JsonObject, field: str) -> str:
    return as_text(member(item, field)).lower()
