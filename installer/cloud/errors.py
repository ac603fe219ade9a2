"""Refusals of Azure Resource Manager: SDK exceptions become one of ours, the innermost cause first, the text cleaned."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from installer.cloud.error_causes import Cause, causes
from installer.cloud.error_explanations import depends_on, explanation, told
from installer.errors import DeploymentFailed, Verdict
from installer.json_access import as_object
from installer.jsontypes import Json
from installer.sanitize import clean, clean_json

if TYPE_CHECKING:
    from azure.core.exceptions import HttpResponseError


LONGEST_SECONDS: Final = 300.0
"""No Retry-After is obeyed for longer than this."""
UNAUTHORIZED: Final = 401
EXPIRED: Final = "ExpiredAuthenticationToken"
CONFLICT: Final = 409
TRANSIENT: Final = frozenset({0, 408, 429, 500, 502, 503, 504})


class AzureRefused(DeploymentFailed):
    """Azure answered with an error. `status` is the HTTP status, 0 when it could not be reached; `error` as it came."""

    def __init__(
        self, text: str, *, status: int = 0, error: Json = None, correlation_id: str = "", retry_after: float = 0.0
    ) -> None:
        super().__init__(text)
        self.status = status
        self.error = error
        self._retry_after = retry_after
        self.detail: dict[str, Json] = {"status": status, "error": error, "correlation_id": correlation_id}

    @property
    def transient(self) -> bool:
        """Whether asking again may help: Azure was not reached, too busy, or failed by itself.

        A deployment that failed has no status of its own, and a conflict may be one that passes: then it is what is
        known of the causes that says so.
        """
        if self.status == UNAUTHORIZED:
            return self.code == EXPIRED  # the next request takes a new token
        told = self.status in (0, CONFLICT) and self.error is not None
        found = causes(self.error) if told else []
        return all(_passes(cause) for cause in found) if found else self.status in TRANSIENT

    @property
    def unreached(self) -> bool:
        """Whether Azure was not reached at all."""
        return self.status == 0 and self.error is None

    @property
    def retry_after(self) -> float:
        """What Azure's Retry-After said, in seconds."""
        return self._retry_after

    @property
    def verdict(self) -> Verdict:
        """What is known of the causes: the worst of them decides."""
        if self.transient:
            return super().verdict
        found = [explanation(cause.code, cause.message) for cause in causes(self.error)]
        hopeless = next((known for known in found if known is not None and known.retry == "no"), None)
        if hopeless is not None:
            return Verdict("never", f"not as it stands: {hopeless.remedy}")
        remedies = [known.remedy for known in found if known is not None and known.retry == "after"]
        return Verdict(
            "changed", f"once that is done: {remedies[0]}" if remedies else "once what Azure refused has changed"
        )

    @property
    def depends_on(self) -> tuple[str, ...]:
        """What the causes depend on."""
        return tuple(dict.fromkeys(name for cause in causes(self.error) for name in depends_on(cause)))

    @property
    def code(self) -> str:
        """ARM's code of the outermost error."""
        error = as_object(self.error)
        return str(as_object(error.get("error", error)).get("code", ""))


def _passes(cause: Cause) -> bool:
    """Whether a cause is known to pass by itself."""
    found = explanation(cause.code, cause.message)
    return found is not None and found.retry == "now"


def refused_by(
    error: Json, doing: str, *, status: int = 0, correlation_id: str = "", retry_after: float = 0.0
) -> AzureRefused:
    """An error of ARM as an exception whose text begins with the innermost cause."""
    found = causes(error)
    text = "\n".join(line for cause in found[:5] for line in told(cause)) or "Azure gave no reason"
    more = f"\n… and {len(found) - 5} more" if len(found) > 5 else ""
    trace = f" [correlation id {correlation_id}]" if correlation_id else ""
    whole = f"{text}{more}\n({doing}){trace}"
    return AzureRefused(whole, status=status, error=error, correlation_id=correlation_id, retry_after=retry_after)


@contextmanager
def refusals(doing: str, let_through: type[Exception] | tuple[()] = ()) -> Iterator[None]:
    """SDK exceptions become ours, with cleaned text; those of `let_through` stay as they are."""
    from azure.core.exceptions import AzureError, ClientAuthenticationError, HttpResponseError

    try:
        yield
    except let_through:
        raise
    except ClientAuthenticationError as error:
        body = _body_of(error)
        known = [line for cause in causes(body)[:1] for line in told(cause)[1:]]
        text = "\n".join([f"Azure did not accept the sign-in: {clean(str(error.message))}", *known, f"({doing})"])
        raise AzureRefused(text, status=UNAUTHORIZED, error=body) from error
    except HttpResponseError as error:
        raise _refused(error, doing) from error
    except AzureError as error:
        raise AzureRefused(f"Azure could not be reached: {clean(str(error.message))}\n({doing})") from error


def _refused(error: "HttpResponseError", doing: str) -> AzureRefused:
    body = _body_of(error)
    headers = getattr(error.response, "headers", None) or {}
    trace = clean(str(headers.get("x-ms-correlation-request-id", "")))
    content: Json = body if isinstance(body, dict) else {"message": clean(str(error.message))}
    status = int(error.status_code or 0)
    return refused_by(content, doing, status=status, correlation_id=trace, retry_after=_seconds(headers))


def _body_of(error: "HttpResponseError") -> Json:
    try:
        return clean_json(error.response.json()) if error.response is not None else None  # type: ignore[attr-defined]
    except (ValueError, AttributeError):
        return None


def _seconds(headers: Mapping[str, str]) -> float:
    """Retry-After in seconds; 0 when there is none, or one that is a date (ARM sends seconds)."""
    try:
        return min(max(float(headers.get("Retry-After", 0)), 0.0), LONGEST_SECONDS)
    except ValueError:
        return 0.0
