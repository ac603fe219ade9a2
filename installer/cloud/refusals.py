"""Refusals of Azure Resource Manager: SDK exceptions become one of ours, the innermost cause first, the text cleaned."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from installer.cloud.text import clean, clean_json
from installer.errors import DeploymentFailed
from installer.explain import Cause, causes
from installer.jsontypes import Json
from installer.remedies import explanation, told

if TYPE_CHECKING:
    from azure.core.exceptions import HttpResponseError


TRANSIENT: Final = frozenset({0, 408, 429, 500, 502, 503, 504})


class AzureRefused(DeploymentFailed):
    """Azure answered with an error. `status` is the HTTP status, 0 when it could not be reached; `error` as it came."""

    def __init__(self, text: str, *, status: int = 0, error: Json = None, correlation_id: str = "") -> None:
        super().__init__(text)
        self.status = status
        self.error = error
        self.detail: dict[str, Json] = {"status": status, "error": error, "correlation_id": correlation_id}

    @property
    def transient(self) -> bool:
        """Whether asking again may help: Azure was not reached, too busy, or failed by itself.

        A deployment that failed has no status of its own: then it is what is known of its causes that says so.
        """
        found = causes(self.error) if self.status == 0 and self.error is not None else []
        return all(_passes(cause) for cause in found) if found else self.status in TRANSIENT

    @property
    def code(self) -> str:
        """ARM's code of the outermost error."""
        error = self.error
        inner = error.get("error", error) if isinstance(error, dict) else {}
        return str(inner.get("code", "")) if isinstance(inner, dict) else ""


def _passes(cause: Cause) -> bool:
    """Whether a cause is known to pass by itself."""
    found = explanation(cause.code, cause.message)
    return found is not None and found.retry == "now"


def refused_by(error: Json, doing: str, *, status: int = 0, correlation_id: str = "") -> AzureRefused:
    """An error of ARM as an exception whose text begins with the innermost cause."""
    found = causes(error)
    text = "\n".join(line for cause in found[:5] for line in told(cause)) or "Azure gave no reason"
    more = f"\n… and {len(found) - 5} more" if len(found) > 5 else ""
    trace = f" [correlation id {correlation_id}]" if correlation_id else ""
    return AzureRefused(f"{text}{more}\n({doing}){trace}", status=status, error=error, correlation_id=correlation_id)


@contextmanager
def refusals(doing: str, let_through: type[Exception] | tuple[()] = ()) -> Iterator[None]:
    """SDK exceptions become ours, with cleaned text; those of `let_through` stay as they are."""
    from azure.core.exceptions import AzureError, ClientAuthenticationError, HttpResponseError

    try:
        yield
    except let_through:
        raise
    except ClientAuthenticationError as error:
        raise AzureRefused(
            f"Azure did not accept the sign-in: {clean(str(error.message))}\n({doing})", status=401
        ) from error
    except HttpResponseError as error:
        raise _refused(error, doing) from error
    except AzureError as error:
        raise AzureRefused(f"Azure could not be reached: {clean(str(error.message))}\n({doing})") from error


def _refused(error: "HttpResponseError", doing: str) -> AzureRefused:
    body: Json = None
    try:
        body = clean_json(error.response.json()) if error.response is not None else None  # type: ignore[attr-defined]
    except (ValueError, AttributeError):
        body = None
    headers = getattr(error.response, "headers", None) or {}
    trace = clean(str(headers.get("x-ms-correlation-request-id", "")))
    content: Json = body if isinstance(body, dict) else {"message": clean(str(error.message))}
    return refused_by(content, doing, status=int(error.status_code or 0), correlation_id=trace)
