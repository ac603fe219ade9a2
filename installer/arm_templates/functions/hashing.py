"""Deterministic names: guid and uniqueString."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from installer.arm_templates.arguments import Arguments, function

if TYPE_CHECKING:
    from installer.arm_templates.values import Value

_NAMESPACE = uuid.UUID("11fb06fb-712d-4ddd-98c7-e71bbd588830")
_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_MASK = 0xFFFFFFFF


def _joined(arguments: Arguments) -> bytes:
    parts = [arguments.text(index) for index in range(len(arguments))]
    return "-".join(parts).encode("utf-8", "replace")


@function("guid", 1, None)
def _guid(arguments: Arguments) -> Value:
    return str(uuid.uuid5(_NAMESPACE, _joined(arguments).decode()))


@function("uniqueString", 1, None)
def _unique_string(arguments: Arguments) -> Value:
    value = hash64(_joined(arguments))
    digits = [(value >> shift) & 31 for shift in range(59, -1, -5)]
    return "".join(_ALPHABET[digit] for digit in (*digits, (value & 15) << 1))


def hash64(data: bytes) -> int:
    """The 64-bit hash under uniqueString and the templates' hash (a Murmur hash of two 32-bit lanes)."""
    one = two = 0
    whole = len(data) - len(data) % 8
    for start in range(0, whole, 8):
        one ^= _mixed_one(int.from_bytes(data[start : start + 4], "little"))
        one = ((_rotated(one, 19) + two) * 5 + 0x561CCD1B) & _MASK
        two ^= _mixed_two(int.from_bytes(data[start + 4 : start + 8], "little"))
        two = ((_rotated(two, 13) + one) * 5 + 0x0BCAA747) & _MASK
    rest = data[whole:]
    if rest:
        one ^= _mixed_one(int.from_bytes(rest[:4], "little"))
    if len(rest) > 4:
        two ^= _mixed_two(int.from_bytes(rest[4:], "little"))
    one ^= len(data)
    two ^= len(data)
    one = (one + two) & _MASK
    two = (two + one) & _MASK
    one, two = _finished(one), _finished(two)
    one = (one + two) & _MASK
    two = (two + one) & _MASK
    return two << 32 | one


def _rotated(value: int, count: int) -> int:
    return ((value << count) | (value >> (32 - count))) & _MASK


def _mixed_one(word: int) -> int:
    return _rotated(word * 0x239B961B & _MASK, 15) * 0xAB0E9789 & _MASK


def _mixed_two(word: int) -> int:
    return _rotated(word * 0xAB0E9789 & _MASK, 17) * 0x239B961B & _MASK


def _finished(value: int) -> int:
    value ^= value >> 16
    value = value * 0x85EBCA6B & _MASK
    value ^= value >> 13
    value = value * 0xC2B2AE35 & _MASK
    return value ^ value >> 16
