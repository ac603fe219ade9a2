"""What went wrong in the child, in words for a user."""

import http

import httpx
from prefect.exceptions import ObjectNotFound

from installer.errors import InstallerError


def words(error: BaseException) -> str:
    """One error in one text; of several at once the first, because the others were cancelled by it."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, InstallerError):
        return str(error)
    if isinstance(error, ObjectNotFound) and isinstance(error.http_exc, httpx.HTTPStatusError):
        error = error.http_exc
    if isinstance(error, httpx.HTTPStatusError):
        request, response = error.request, error.response
        if response.status_code == http.HTTPStatus.UNAUTHORIZED:
            return "the Prefect server refuses our password"
        return (
            f"the Prefect server refused {request.method} {request.url.path} ({response.status_code}): {response.text}"
        )
    if isinstance(error, httpx.TransportError):
        return f"the Prefect server does not answer ({type(error).__name__})"
    return f"{type(error).__name__}: {error}"
