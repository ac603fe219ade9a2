"""XML of the Blob service: written as text, read without document types and entities."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote
from xml.parsers import expat

from starlette.responses import Response

from installer.emulator.data_plane.blob.errors import refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

_ESCAPES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}
_NOT_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def xml(text: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A response."""
    body = f'<?xml version="1.0" encoding="utf-8"?>{text}'
    return Response(body.encode(), status, headers, media_type="application/xml")


def escaped(text: str) -> str:
    """Text in an element or an attribute."""
    return "".join(_ESCAPES.get(letter, letter) for letter in text)


def element(name: str, text: str) -> str:
    """An element with text; text that XML cannot hold is percent-encoded, as List Blobs does with names."""
    if _NOT_XML.search(text):
        return f'<{name} Encoded="true">{quote(text)}</{name}>'
    return f"<{name}>{escaped(text)}</{name}>"


def parsed(content: bytes) -> tuple[str, list[tuple[str, str]]]:
    """Name of the root, and name and text of each element in it. Raises ServiceError for anything else."""
    parser = expat.ParserCreate()
    open_names: list[str] = []
    root: list[str] = []
    children: list[tuple[str, str]] = []

    def start(name: str, _attributes: object) -> None:
        open_names.append(name)
        if len(open_names) == 1:
            root.append(name)
        elif len(open_names) == 2:
            children.append((name, ""))
        else:
            raise refusal("InvalidXmlDocument")

    def text(data: str) -> None:
        if len(open_names) == 2:
            children[-1] = (children[-1][0], children[-1][1] + data)

    def doctype(*_given: object) -> None:
        raise refusal("InvalidXmlDocument")

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _name: open_names.pop()
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(content, True)  # noqa: FBT003  the library's
    except expat.ExpatError:
        raise refusal("InvalidXmlDocument") from None
    return root[0], [(name, value.strip()) for name, value in children]
