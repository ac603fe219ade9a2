"""Conversions between types: string, int, float, bool, json, base64 and data URIs."""

from __future__ import annotations

import base64
import binascii
import re
from math import isfinite
from urllib.parse import unquote_to_bytes

from installer.arm_templates.arguments import Arguments, function
from installer.arm_templates.errors import TemplateError
from installer.arm_templates.functions.formatting import plain_text
from installer.arm_templates.functions.numbers import LARGEST, SMALLEST
from installer.arm_templates.json_reader import read_json
from installer.arm_templates.to_text import json_text
from installer.arm_templates.values import PendingError, Value, as_value, known

_INTEGER = re.compile(r"\s*[-+]?[0-9]+\s*\Z")
_FLOAT = re.compile(r"\s*[-+]?(?:[0-9][0-9,]*\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?\s*\Z")
_DATA_URI = re.compile(r"data:(?P<type>[^,]*?)(?P<base64>;base64)?,(?P<data>.*)\Z", re.DOTALL | re.IGNORECASE)


def _not_convertible(name: str) -> TemplateError:
    return TemplateError(
        f"The template language function '{name}' was invoked with a parameter that is not valid. The value cannot "
        "be converted to the target type."
    )


@function("string", 1)
def _string(arguments: Arguments) -> Value:
    value = arguments.resolved(0)
    if not known(value):
        raise PendingError
    if value is None or isinstance(value, float):
        raise arguments.refusal_among(0, "Integer, String, Boolean, Object, Array")
    return json_text(value) if isinstance(value, list | dict) else plain_text(value)


@function("int", 1)
def _int(arguments: Arguments) -> Value:
    value = arguments.resolved(0)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if not isinstance(value, str):
        raise arguments.refusal_among(0, "Integer, String")
    digits = value.strip()
    if _INTEGER.match(value) and len(digits) < 4000 and SMALLEST <= int(digits) <= LARGEST:
        return int(digits)
    raise TemplateError(
        f"The template language function '{arguments.name}' cannot convert provided value '{value}' to integer "
        "value. Please see https://aka.ms/arm-function-int for usage details."
    )


@function("float", 1)
def _float(arguments: Arguments) -> Value:
    value = arguments.resolved(0)
    if isinstance(value, str) and value.strip() in ("NaN", "Infinity", "-Infinity"):
        return float(value)
    if isinstance(value, str) and _FLOAT.match(value):
        return float(value.replace(",", ""))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    raise _not_convertible(arguments.name)


@function("bool", 1)
def _bool(arguments: Arguments) -> Value:
    value = arguments.resolved(0)
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return value != 0
    if isinstance(value, str) and value.strip("\0 \t\r\n").lower() in ("true", "false"):
        return value.strip("\0 \t\r\n").lower() == "true"
    raise _not_convertible(arguments.name)


@function("json", 1)
def _json(arguments: Arguments) -> Value:
    text = arguments.text(0)
    try:
        return as_value(read_json(text))
    except TemplateError:
        raise TemplateError(
            f"Unable to evaluate the template language function '{arguments.name}'. The argument provided is not a "
            "valid JSON string."
        ) from None


@function("base64", 1)
def _base64(arguments: Arguments) -> Value:
    return base64.b64encode(arguments.text(0).encode("utf-8", "replace")).decode()


def _decoded(arguments: Arguments) -> str:
    text = re.sub(r"[ \t\r\n]", "", arguments.text(0))
    try:
        return base64.b64decode(text, validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        raise TemplateError(
            f"The template language function '{arguments.name}' was invoked with a parameter that is not valid. The "
            "value cannot be decoded from base64 representation."
        ) from None


@function("base64ToString", 1)
def _base64_to_string(arguments: Arguments) -> Value:
    return _decoded(arguments)


@function("base64ToJson", 1)
def _base64_to_json(arguments: Arguments) -> Value:
    text = _decoded(arguments)
    try:
        return as_value(read_json(text))
    except TemplateError:
        raise TemplateError(
            f"The template language function '{arguments.name}' was invoked with a parameter that is not valid. The "
            "decoded string is not a valid json serialized value."
        ) from None


@function("dataUri", 1)
def _data_uri(arguments: Arguments) -> Value:
    value = arguments.resolved(0)
    if not known(value):
        raise PendingError
    if value is None or (isinstance(value, float) and not isfinite(value)):
        raise _not_convertible(arguments.name)
    kind = "text/plain" if isinstance(value, str) else "application/json"
    text = json_text(value) if isinstance(value, list | dict) else plain_text(value)
    data = base64.b64encode(text.encode("utf-8", "replace")).decode()
    return f"data:{kind};charset=utf-8;base64,{data}"


@function("dataUriToString", 1)
def _data_uri_to_string(arguments: Arguments) -> Value:
    text = arguments.text(0)
    match = _DATA_URI.match(text)
    refusal = TemplateError(
        f"The template language function '{arguments.name}' expects its parameter to be formatted as a valid data "
        f"URI. The provided value '{text}' was not formatted correctly. Please see "
        "https://aka.ms/arm-functions#dataUriToString for usage details."
    )
    if match is None or match["type"].startswith(";"):
        raise refusal
    data = unquote_to_bytes(match["data"])
    if match["base64"]:
        try:
            data = base64.b64decode(data, validate=True)
        except (binascii.Error, ValueError):
            raise _not_convertible(arguments.name) from None
    charset = re.search(r"charset=([^;,]*)", match["type"], re.IGNORECASE)
    if charset and charset[1].lower() not in ("utf-8", "utf8"):
        raise TemplateError(
            f"The template language function '{arguments.name}' parameter is not valid. The provided charset "
            f"'{charset[1]}' is not supported. Please see https://aka.ms/arm-functions#dataUriToString for usage "
            "details."
        )
    return data.decode("utf-8", "replace")
