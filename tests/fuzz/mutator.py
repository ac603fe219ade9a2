"""Damage, by the seed: to bytes as disks and editors do it, to texts and JSON as strangers do it."""

import copy
import random
from typing import Final

from installer.jsontypes import Json

HOSTILE: Final = (
    "\x1b[2J", "[/bold]", "\u202e", "\x00", "\ud800", "9" * 400, "-1", "1e999", "NaN", "null", "true", "[]", "{}", "''",
    "!!python/object:os.system", "&a [*a]", "*a", "<<: *a", "../../etc/passwd", "${env:HOME}", "é" * 300, "- " * 60,
    "{{" * 60, "\n", "\t", ":", "# ", '"', "\\", "\ufeff", "2026-13-45T99:00:00Z", "0001-01-01T00:00:00", "%00", "a" * 5000,
)  # fmt: skip
STRANGE: Final[tuple[Json, ...]] = (
    None, True, 0, -1, 10**18, 1e308, 3.5, "", "x", "\x1b[2J[bold]", "\ud800", "9" * 400, [], {}, [[]], [None], {"": {}},
    {"error": "x"}, {"code": 7}, ["a", 1, {"b": []}],
)  # fmt: skip


def damaged(raw: bytes, chance: random.Random) -> bytes:
    """One to four small accidents to some bytes."""
    out = bytearray(raw)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(out) + 1)
        length = chance.choice((1, 2, 8, 64, 400))
        kind = chance.randrange(7)
        if kind == 0:
            out[at : at + length] = b""
        elif kind == 1:
            out[at : at + length] = chance.randbytes(length)
        elif kind == 2:
            out[at:at] = out[at : at + length]
        elif kind == 3:
            del out[at:]
        elif kind == 4 and at < len(out):
            out[at] ^= 1 << chance.randrange(8)
        elif kind == 5:
            other = chance.randrange(len(out) + 1)
            out[at:at] = out[other : other + length]
        else:
            out[at:at] = chance.choice(HOSTILE).encode("utf-8", "surrogatepass")
    return bytes(out)


def rewritten(text: str, chance: random.Random) -> bytes:
    """A text with one line modified, like a manual experiment."""
    lines = text.splitlines()
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(lines))
        key, colon, _value = lines[at].partition(":")
        kind = chance.randrange(5)
        if kind == 0 and colon:
            lines[at] = f"{key}: {chance.choice(HOSTILE)}"
        elif kind == 1:
            lines.insert(at, lines[chance.randrange(len(lines))])
        elif kind == 2:
            lines[at] = "  " * chance.randrange(4) + lines[at].strip()
        elif kind == 3:
            lines[at] = f"{key}{chance.choice(HOSTILE)}{colon} x"
        else:
            del lines[at]
            lines = lines or [""]
    return "\n".join(lines).encode("utf-8", "surrogatepass")


def twisted(value: Json, chance: random.Random) -> Json:
    """JSON in which one to four values were replaced, left out, repeated or wrapped."""
    out = copy.deepcopy(value)
    for _ in range(chance.randint(1, 4)):
        out = _twist(out, chance)
    return out


def _twist(value: Json, chance: random.Random) -> Json:
    if isinstance(value, dict) and value and chance.random() < 0.85:
        name = chance.choice(list(value))
        kind = chance.randrange(8)
        if kind == 0:
            del value[name]
        elif kind == 1:
            value[chance.choice(HOSTILE)] = value.pop(name)
        else:
            value[name] = _twist(value[name], chance)
        return value
    if isinstance(value, list) and value and chance.random() < 0.85:
        at = chance.randrange(len(value))
        value[at] = _twist(value[at], chance)
        return value if chance.random() < 0.9 else value * 3
    if isinstance(value, str) and chance.random() < 0.5:
        at = chance.randrange(len(value) + 1)
        return value[:at] + chance.choice(HOSTILE) + value[at:]
    return copy.deepcopy(chance.choice(STRANGE))
