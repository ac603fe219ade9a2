"""Connections to this machine use no proxy: a company's proxy does not know the loopback of its client, and would get passwords.

Every client reads the environment, so that it is changed once, before the first request, for this process and all that it starts:
requests, urllib3, azure-core, msal, httpx, aiohttp, websockets, the Azure CLI, Bicep, Docker and Prefect.
"""

import os
from collections.abc import MutableMapping
from typing import Final

HOSTS: Final = ("127.0.0.1", "localhost", "::1")
"""Single names and addresses: urllib and httpx take no networks in NO_PROXY (Lib/urllib/request.py, proxy_bypass_environment;
httpx/_utils.py, get_environment_proxies)."""
_NAMES: Final = ("NO_PROXY", "no_proxy")
"""Both: curl, urllib and requests prefer the small letters, Go the capitals (golang.org/x/net/http/httpproxy)."""
_PROXIES: Final = ("http_proxy", "https_proxy", "all_proxy")
"""In small and capital letters in any mixture: urllib reads them all (Lib/urllib/request.py, getproxies_environment)."""


def bypass_proxies(environment: MutableMapping[str, str] = os.environ) -> None:
    """Add the loopback to the exceptions of the proxies in an environment.

    Without a proxy nothing is added: on macOS and Windows any of these variables would turn off the proxies of the system
    (Lib/urllib/request.py, getproxies).
    """
    if not any(value for name, value in environment.items() if name.lower() in _PROXIES):
        return
    excepted = [value for name, value in environment.items() if name.lower() == "no_proxy"]
    given = [part.strip() for value in excepted for part in value.split(",") if part.strip()]
    # urllib knows the exception of everything only if it is alone.
    value = "*" if "*" in given else ",".join(dict.fromkeys((*given, *HOSTS)))
    for name in _NAMES:
        environment[name] = value
