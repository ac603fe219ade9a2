"""Error messages of the Prefect client for the user."""

import http

import httpx
from prefect.exceptions import ObjectNotFound

from installer.errors import InstallerError


def words(error: BaseException) -> str:
    """Message of an error; of an exception group the first one, because it has cancelled the others."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, InstallerError):
        return str(error)
    if isinstance(error, ObjectNotFound) and isinstance(error.http_exc, httpx.HTTPStatusError):
        error = error.http_exc
    if isinstance(error, httpx.HTTPStatusError):
        request, response = error.request, error.response
        if response.status_code == http.HTTPStatus.UNAUTHORIZED:
            return "the Prefect server rejected the password"
        return (
            f"the Prefect server rejected {request.method} {request.url.path} ({response.status_code}): {response.text}"
        )
    if isinstance(error, httpx.TransportError):
        return f"the Prefect server does not answer ({type(error).__name__})"
    return f"{type(error).__name__}: {error}"
