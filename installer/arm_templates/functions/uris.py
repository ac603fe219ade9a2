"""Functions on URIs: uri, uriComponent, parseUri, buildUri."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote_to_bytes, urljoin

from installer.arm_templates.arguments import Arguments, function
from installer.arm_templates.errors import TemplateError
from installer.arm_templates.to_text import to_json
from installer.arm_templates.values import PendingError, Unresolved, Value, find_key, type_name

if TYPE_CHECKING:
    from collections.abc import Mapping

_URI = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?:[^/?#@]*@)?(?P<host>\[[^\]]*\]|[^/?#:]*)(?::(?P<port>[0-9]{0,5}))?"
    r"(?P<path>/[^?#]*)?(?P<query>\?[^#]*)?(?P<fragment>#.*)?\Z",
    re.DOTALL,
)
_DEFAULT_PORTS = {"http": 80, "https": 443, "ftp": 21}
_UNRESERVED = re.compile(r"%(?:2[DdEe]|3[0-9]|[46][1-9A-Fa-f]|[57][0-9Aa]|5[Ff]|7[Ee])")
_ESCAPE = re.compile(r"(?:%[0-9A-Fa-f]{2})+")


@function("uriComponent", 1)
def _uri_component(arguments: Arguments) -> Value:
    return quote(arguments.text(0), safe="-_.~", errors="replace")


@function("uriComponentToString", 1)
def _uri_component_to_string(arguments: Arguments) -> Value:
    text = arguments.text(0).replace("+", " ")
    return _ESCAPE.sub(lambda match: unquote_to_bytes(match.group()).decode("utf-8", "replace"), text)


@function("uri", 2)
def _uri(arguments: Arguments) -> Value:
    base, relative = arguments.text(0), arguments.text(1)
    match = _URI.match(base)
    if match is None or not (match["host"] or match["path"]):
        raise TemplateError(
            f"The template language function '{arguments.name}' expects its first argument to be a uri string. The "
            f"provided value is '{base}'. Please see https://aka.ms/arm-function-datauri for usage details."
        )
    joined = base if not relative else urljoin(_canonical(base), relative)
    return _canonical(joined)


def _canonical(text: str) -> str:
    match = _URI.match(text)
    if match is None:
        return text
    scheme, host = match["scheme"].lower(), match["host"].lower()
    userinfo = text[len(match["scheme"]) + 3 :].partition("@")[0] + "@" if "@" in _authority(text) else ""
    port = match["port"]
    shown = f":{port}" if port and int(port) != _DEFAULT_PORTS.get(scheme) else ""
    path = quote(_UNRESERVED.sub(_plain, match["path"] or "/"), safe="/%:@!$&'()*+,;=-._~")
    query = quote(match["query"] or "", safe="/%:@!$&'()*+,;=-._~?")
    fragment = quote(match["fragment"] or "", safe="/%:@!$&'()*+,;=-._~?#")
    return f"{scheme}://{userinfo}{host}{shown}{path}{query}{fragment}"


def _plain(match: re.Match[str]) -> str:
    return chr(int(match.group()[1:], 16))


def _authority(text: str) -> str:
    return re.split(r"[/?#]", text.partition("://")[2], maxsplit=1)[0]


@function("parseUri", 1)
def _parse_uri(arguments: Arguments) -> Value:
    text = arguments.text(0)
    match = _URI.match(text)
    if match is None or not match["host"]:
        reason = "The format of the URI could not be determined" if text else "The URI is empty"
        raise TemplateError(f"The specified URL '{text}' is not valid 'Invalid URI: {reason}.'.")
    scheme = match["scheme"].lower()
    port = int(match["port"]) if match["port"] else None
    result: dict[str, Value] = {
        "scheme": scheme,
        "host": match["host"].lower(),
        "port": None if port == _DEFAULT_PORTS.get(scheme) else port,
    }
    if match["path"] and match["path"] != "/":
        result["path"] = match["path"]
    if match["query"]:
        result["query"] = match["query"]
    return result


@function("buildUri", 1)
def _build_uri(arguments: Arguments) -> Value:
    parts = arguments.object(0)
    for name in ("scheme", "host"):
        if find_key(parts, name) is None:
            raise TemplateError(
                f"The input object to the '{arguments.name}' function is missing the required property '{name}''."
            )
    scheme, host = _text(parts, "scheme").lower(), _text(parts, "host").lower()
    port = _port(parts)
    shown = "" if port is None or port == _DEFAULT_PORTS.get(scheme) else f":{port}"
    path, query = _text(parts, "path"), _text(parts, "query")
    if query and not query.startswith("?"):
        query = "?" + query
    return f"{scheme}://{host}{shown}{'' if path.startswith('/') else '/'}{path}{query}"


def _member(parts: Mapping[str, Value], name: str) -> Value:
    found = find_key(parts, name)
    value = parts[found] if found else None
    if isinstance(value, Unresolved):
        raise PendingError
    return value


def _text(parts: Mapping[str, Value], name: str) -> str:
    value = _member(parts, name)
    if value is not None and not isinstance(value, str):
        raise _wrong_type(value, "String")
    return value or ""


def _port(parts: Mapping[str, Value]) -> int | None:
    value = _member(parts, "port")
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        raise _wrong_type(value, "Integer")
    return value


def _wrong_type(value: Value, wanted: str) -> TemplateError:
    return TemplateError(
        f"Evaluation result of language expression '{to_json(value)}' is type '{type_name(value)}', expected type is "
        f"'{wanted}'."
    )
