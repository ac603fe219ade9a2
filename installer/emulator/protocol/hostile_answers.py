"""Answers that Azure cannot have given: of something in between that answers in its place, or that changes its answers on their way."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Final

from starlette.responses import Response

from installer.json_access import JsonObject, as_object, objects_of, parsed

if TYPE_CHECKING:
    from collections.abc import Callable

    from installer.jsontypes import Json

ELSEWHERE: Final = "elsewhere.invalid"
"""A host that does not exist. Source: RFC 6761, section 6.4."""
UNPRINTABLE: Final = "\x1b[2J\x1b]0;title\x07\x00\u202egnp.exe\u2066\u200b"
"""A terminal escape, a window title, NUL, a direction override, an isolate and a space without width."""
_SIGN_IN_PAGE: Final = (
    b"<!DOCTYPE html>\n<html><head><title>Guest network</title></head><body>Please sign in.</body></html>\n"
)
_LEVELS: Final = 100_000
_DEEPEST: Final = 3
_POLLED: Final = (b"location", b"azure-asyncoperation")
"""Headers that name where an operation is polled. Source: azure-docs, azure-resource-manager/management/async-operations.md."""


def replaced(name: str, path: str) -> Response:
    """The answer that a fault gives in place of Azure's."""
    match name:
        case "not-utf-8":
            return _json(b'{"value": "\xff\xfe\x80"}')
        case "nested-answer":
            return _json(b'{"value": ' + b"[" * _LEVELS + b"]" * _LEVELS + b"}")
        case "array-answer":
            return _json(b'["wrong", "answer"]')
        case "foreign-redirect":
            return Response(status_code=307, headers={"Location": f"https://{ELSEWHERE}{path}"})
        case _:
            return Response(_SIGN_IN_PAGE, media_type="text/html")


def changed(name: str, path: str, answer: Response) -> Response | None:
    """Azure's answer as a fault changes it; None if it has nothing that the fault changes."""
    if name == "foreign-poll":
        return _polled_elsewhere(answer)
    content = bytes(getattr(answer, "body", b""))  # one that is streamed has none
    if not 200 <= answer.status_code < 300 or not content:
        return None
    if name == "cut-answer":
        return _with_body(answer, content[: len(content) // 2])
    try:
        body = as_object(parsed(content))
    except ValueError:
        return None
    made = _CHANGES[name](body, path)
    return None if made is None else _with_body(answer, json.dumps(made).encode())


def _json(content: bytes) -> Response:
    return Response(content, media_type="application/json")


def _with_body(answer: Response, content: bytes) -> Response:
    kept = [item for item in answer.raw_headers if item[0] != b"content-length"]
    made = Response(content, answer.status_code)
    made.raw_headers = [*kept, (b"content-length", str(len(content)).encode())]
    return made


def _polled_elsewhere(answer: Response) -> Response | None:
    """An operation whose state is at another host."""
    if not any(name in _POLLED for name, _ in answer.raw_headers):
        return None
    there = f"https://{ELSEWHERE}/operations/1".encode()
    made = Response(answer.body, answer.status_code)
    made.raw_headers = [(name, there if name in _POLLED else value) for name, value in answer.raw_headers]
    return made


def _next_page_elsewhere(body: JsonObject, path: str) -> JsonObject | None:
    """A list that continues at another host."""
    return {**body, "nextLink": f"https://{ELSEWHERE}{path}?page=2"} if isinstance(body.get("value"), list) else None


def _other_types(body: JsonObject, path: str) -> JsonObject | None:
    """Members of other types, at a level that the path decides."""
    level = 1 + hashlib.sha256(path.lower().encode()).digest()[0] % _DEEPEST
    made = _retyped(body, level)
    return made if isinstance(made, dict) and made != body else None


def _retyped(value: Json, level: int) -> Json:
    if level and isinstance(value, dict):
        return {name: _retyped(item, level - 1) for name, item in value.items()}
    if level and isinstance(value, list):
        return [
            _retyped(item, level) for item in value
        ]  # a list is not counted as a level: its items are like each other
    if isinstance(value, dict):
        return [*value]
    if isinstance(value, list):
        return {"items": value}
    return [value] if isinstance(value, str) else str(value)


def _unprintable_names(body: JsonObject, _path: str) -> JsonObject | None:
    """One more item in a list, and a tag: their names have characters that no terminal should get."""
    items = objects_of(body.get("value"))
    if not items:
        return {**body, "tags": {**as_object(body.get("tags")), UNPRINTABLE: UNPRINTABLE}} if "id" in body else None
    named: JsonObject = {name: f"{value}{UNPRINTABLE}" for name, value in items[0].items() if isinstance(value, str)}
    return {**body, "value": [*items, named]}


_CHANGES: Final[dict[str, Callable[[JsonObject, str], JsonObject | None]]] = {
    "foreign-page": _next_page_elsewhere,
    "wrong-types": _other_types,
    "unprintable-names": _unprintable_names,
}
