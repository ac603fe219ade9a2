"""Why a service was not reached: no network, a proxy, a certificate authority that is missing, a clock that is wrong.

Clients wrap what the network reported, and a credential reports it as a failed sign-in: the causes of an exception decide.
"""

import os
import re
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from installer.sanitize import clean

CA_VARIABLES: Final = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
PROXY_VARIABLES: Final = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")
_NOT_YET_VALID, _EXPIRED = 9, 10
"""Results of OpenSSL's verification, X509_V_ERR_CERT_NOT_YET_VALID and _HAS_EXPIRED. Source: openssl-verification-options(1)."""
_NO_BUNDLE: Final = re.compile(
    r"(?:Could not find a suitable TLS CA certificate bundle, invalid path|CA certificate file).*?: ?(\S+)"
)
"""Words of requests.adapters for a file of certificate authorities that does not exist."""
_HOST: Final = re.compile(r"host='([^']+)'")
_INNER: Final = ("reason", "inner_exception")
"""Members of urllib3.exceptions.MaxRetryError and azure.core.exceptions.AzureError with the exception that they wrap."""
_CLIENT: Final = re.compile(r"^HTTPS?Connection(?:Pool)?\([^)]*\): ")
"""Words of urllib3 before a reason."""


def network_fault(error: BaseException) -> BaseException | None:
    """The exception of the network behind an error, None if the service was reached and answered."""
    for one in chain_of(error):
        if isinstance(one, (ssl.SSLError, socket.gaierror, ConnectionError, TimeoutError)):
            return one
        if type(one).__module__.startswith(("requests.", "urllib3.")) and isinstance(one, OSError | _urllib3_errors()):
            return _inner(one)
        if isinstance(one, OSError) and _NO_BUNDLE.search(str(one)):
            return one
    return None


def reason_unreached(error: BaseException) -> str:
    """Why a service was not reached and what to do, in one sentence without credentials."""
    fault = network_fault(error) or error
    texts = " ".join(str(one) for one in chain_of(error))
    host = found[1] if (found := _HOST.search(texts)) else "the service"
    if missing := _NO_BUNDLE.search(texts):
        named = next((name for name in CA_VARIABLES if os.environ.get(name) == missing[1].rstrip(",")), "")
        return f"the file of certificate authorities {missing[1]} does not exist: correct {named or ' or '.join(CA_VARIABLES[:2])}"
    if isinstance(fault, ssl.SSLCertVerificationError):
        return _certificate(fault, host)
    if "ProxyError" in texts or any(type(one).__name__ == "ProxyError" for one in chain_of(error)):
        return f"the proxy {_proxy()} does not connect: correct HTTPS_PROXY, or add the host to NO_PROXY"
    if isinstance(fault, ConnectionRefusedError):
        return f"{host} refuses the connection: check the network and its firewall, or set HTTPS_PROXY if a proxy is needed"
    if isinstance(fault, TimeoutError) or "timed out" in texts:
        return f"{host} does not respond in time: check the network and its firewall, or set HTTPS_PROXY if a proxy is needed"
    if isinstance(fault, socket.gaierror) or "NameResolutionError" in texts:
        return (
            f"the name {host} is not resolved: check the network and its DNS, or set HTTPS_PROXY if a proxy is needed"
        )
    return clean(_CLIENT.sub("", str(fault))) or type(fault).__name__


def _certificate(fault: ssl.SSLCertVerificationError, host: str) -> str:
    if fault.verify_code in (_NOT_YET_VALID, _EXPIRED):
        state = "is not yet valid" if fault.verify_code == _NOT_YET_VALID else "has expired"
        now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
        return (
            f"the certificate of {host} {state}, by the clock of this machine ({now}): correct the clock if it is wrong"
        )
    return (
        f"the certificate of {host} is not trusted ({clean(fault.verify_message)}): name the file of your company's "
        "certificate authority in SSL_CERT_FILE"
    )


def _proxy() -> str:
    """The configured proxy without its credentials."""
    value = next((os.environ[name] for name in PROXY_VARIABLES if os.environ.get(name)), "")
    scheme, mark, rest = value.rpartition("://")
    return clean(f"{scheme}{mark}{rest.rpartition('@')[2]}") or "of the system"  # a password may have any character


def chain_of(error: BaseException) -> Iterator[BaseException]:
    """An exception, what caused it, and exceptions among their arguments, outermost first."""
    waiting, seen = [error], set[int]()
    while waiting:
        one = waiting.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        named = [getattr(one, name, None) for name in _INNER]
        around = [one.__cause__, one.__context__, *named, *one.args]
        waiting += [other for other in around if isinstance(other, BaseException)]


def _inner(error: BaseException) -> BaseException:
    """The exception of the standard library inside one of a client, the client's own if there is none."""
    known = (ssl.SSLError, socket.gaierror, ConnectionError, TimeoutError)
    return next((one for one in chain_of(error) if isinstance(one, known)), error)


def _urllib3_errors() -> type[BaseException]:
    from urllib3.exceptions import HTTPError

    return HTTPError
