"""Spellings of the same text: escapes of JSON and HTML, similar dashes, letters of double width, base64.

Messages of Azure quote JSON inside of JSON, portals write HTML, and settings of clusters are base64. What identifies or is secret has to
be found in each of them.
"""

import base64
import binascii
import re
from typing import Final

BASE64: Final = re.compile(r"(?<![\w+/-])[\w+/-]{10,}={0,2}(?![\w+/=-])", re.ASCII)
"""A word that may be base64, also in the alphabet of URLs."""
_ESCAPE: Final = re.compile(r"\\+u00([2-7][0-9a-fA-F])|&#(\d{2,3});|&#[xX]([0-9a-fA-F]{2});|&(amp);")
_QUOTES: Final = frozenset("\"'\\<>")
"""Characters whose escapes stay: without them the text around would end."""
_DASHES: Final = dict.fromkeys((*range(0x2010, 0x2014), 0x2212, 0xFE63), "-")
_WIDE: Final = {0xFF01 + place: chr(0x21 + place) for place in range(94)}


def plain_spelling(text: str) -> str:
    """The text without escapes and with the usual letters and dashes."""
    if not text.isascii():
        text = text.translate(_DASHES | _WIDE)
    return _ESCAPE.sub(_unescaped, text) if "\\" in text or "&" in text else text


def _unescaped(match: re.Match[str]) -> str:
    if match[4]:
        return "&"
    code = int(match[2]) if match[2] else int(match[1] or match[3], 16)
    return match[0] if chr(code) in _QUOTES or not chr(code).isprintable() else chr(code)


def base64_text(word: str) -> str | None:
    """The text in a word of base64; None if it is none, or holds other bytes than text."""
    letters = word.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        raw = base64.b64decode(letters + "=" * (-len(letters) % 4), validate=True)
    except binascii.Error:
        return None
    for encoding in ("utf-8", "utf-16-le"):  # the latter is that of PowerShell's -EncodedCommand
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if text and (encoding == "utf-8" or text.isascii()) and text.replace("\n", "").replace("\t", "").isprintable():
            return text
    return None
