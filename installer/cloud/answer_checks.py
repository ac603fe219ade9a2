"""Checks of every request and every answer, before anything reads it: tokens go to the hosts of the cloud only, and answers are JSON.

What answers in place of Azure is seen here: the sign-in page of a hotel's network, a proxy, a service of another kind.
"""

import re
from typing import Final
from urllib.parse import urljoin, urlsplit

from installer.cloud.errors import WrongAnswer
from installer.json_access import JsonObject, TooDeep, objects_of, parsed
from installer.sanitize import printable
from installer.whole_answers import MAX_BYTES

_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "id": (str,),
    "name": (str, dict),
    "type": (str,),
    "location": (str,),
    "tags": (dict, list),
    "properties": (dict,),
}
"""Types of the members that resources have in common."""
_HTTPS_PORT: Final = 443
_PLAIN: Final = re.compile(
    r"https?://(?:\[[0-9a-f:.]+\]|[a-z0-9-]+(?:\.[a-z0-9-]+)*)(?::\d{1,5})?(?:[/?#]|\Z)", re.IGNORECASE
)
"""A URL whose host every client reads as the same one. urllib3, which sends, ends a host at a backslash (util/url.py, _URI_RE), and
urllib.parse, which compares, does not; the latter also drops tabs and line feeds (Lib/urllib/parse.py, _UNSAFE_URL_BYTES_TO_REMOVE)."""
_MAX_LINE: Final = 200
_INSTEAD: Final = (
    "a network that asks for its own sign-in, or a proxy, may have answered in place of Azure: open a web page to sign in to the "
    "network, or correct HTTPS_PROXY"
)


def check_host(url: str, endpoint: str) -> None:
    """Raise WrongAnswer for a URL of another service than the endpoint: its token is not sent there.

    Azure Resource Manager names its own hosts with their port, and those of its regions below its own name:
    "https://management.azure.com:443/" in headers of Azure-AsyncOperation (recordings of Azure/azure-sdk-for-js),
    "https://westus.management.azure.com/" (projectkudu/ARMClient, README.md).
    """
    try:
        named, own = urlsplit(url), urlsplit(endpoint)
        host, home = named.hostname or "", own.hostname or ""
        same = (
            bool(_PLAIN.match(url))
            and named.scheme == own.scheme
            and (named.port or _HTTPS_PORT) == (own.port or _HTTPS_PORT)
        )
        same = same and named.username is None and (host == home or host.endswith(f".{home}"))
        shown = named.netloc.rpartition("@")[2]
    except ValueError:  # a port or an address that is none
        same, shown = False, url.partition("://")[2].partition("/")[0]
    if not same:
        raise WrongAnswer(
            f"Azure redirected the request to another host, {_shown(shown) or 'without a name'}; the token is not sent there",
            lasting=True,
        )


def check_answer(url: str, status: int, location: str, content: bytes, endpoint: str) -> None:
    """Raise WrongAnswer for an answer that Azure cannot have given.

    Args:
        url: Where the request was sent.
        status: HTTP status.
        location: Value of the Location header, "" without one.
        content: The body.
        endpoint: URL of the service.

    """
    redirects = 300 <= status < 400 and location
    if redirects:
        check_host(urljoin(url, location), endpoint)
    if not content.strip() or redirects:
        return
    try:
        found = parsed(content)
    except TooDeep:
        raise WrongAnswer(unreadable(url, status, content), status=status, lasting=True) from None
    except ValueError:
        if status < 300:
            raise WrongAnswer(f"{unreadable(url, status, content)}\n{_INSTEAD}", status=status) from None
        return  # errors of gateways are often pages: the status decides
    if status < 300 and not isinstance(found, dict):
        raise WrongAnswer(unreadable(url, status, content), status=status, lasting=True)


def host_of(url: str) -> str:
    """The host and port of a URL to be shown, without an account in it; "a host without a name" for one that has none."""
    return (
        _shown(url.partition("://")[2].replace("\\", "/").partition("/")[0].partition("?")[0].rpartition("@")[2])
        or "a host without a name"
    )


def unreadable(url: str, status: int, content: bytes) -> str:
    """The status, the host and the beginning of an answer that is no JSON object."""
    lines = (line.strip() for line in content[:4096].decode("utf-8", "replace").splitlines())
    first = _shown(next((line for line in lines if line), ""))
    return f"{_shown(urlsplit(url).netloc)} answered {status} with something else than a JSON object: {first}"


def no_whole_answer(url: str, why: OSError) -> WrongAnswer:
    """The error for an answer without an end, or one that is too large."""
    reason = why.strerror or str(why)
    limit = f"one answer of at most {MAX_BYTES // 1_000_000} MB was expected"
    return WrongAnswer(f"{host_of(url)} did not complete its answer ({reason}): {limit}\n{_INSTEAD}")


def check_form(url: str, body: JsonObject) -> None:
    """Raise WrongAnswer for a resource, or one in a list, whose common members have other types than documented.

    These members decide what is written and deleted: a wrong answer must not pass for
    another resource. Source: Azure/azure-rest-api-specs, specification/common-types/resource-management (Resource, TrackedResource);
    `name` is an object in lists of usages and metrics, and `tags` a list in Microsoft Graph.
    """
    for one in (body, *objects_of(body.get("value"))):
        for name, types in _TYPES.items():
            if one.get(name) is not None and not isinstance(one[name], types):
                raise _of_another_form(url, f"{name} of another form")


def _of_another_form(url: str, what: str) -> WrongAnswer:
    text = f"{_shown(urlsplit(url).netloc)} answered 200 with {what} than documented: a proxy may have changed it"
    return WrongAnswer(text, status=200, lasting=True)


def page_of(url: str, body: JsonObject) -> tuple[list[JsonObject], str]:
    """The items of a page of a list, and the path of the next one. Raises WrongAnswer: another form is no shorter list."""
    items, link = body.get("value"), body.get("nextLink") or body.get("@odata.nextLink") or ""
    found = objects_of(items)
    if (items is not None and (not isinstance(items, list) or len(found) != len(items))) or not isinstance(link, str):
        raise _of_another_form(url, "a list of another form")
    return found, link


def _shown(text: str) -> str:
    return printable(text if len(text) <= _MAX_LINE else f"{text[:_MAX_LINE]}…")
