"""Conversion of SDK exceptions to AzureRefused: innermost cause first, sanitized text."""

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from installer.cloud.error_causes import Cause, causes
from installer.cloud.error_explanations import depends_on, explained, explanation
from installer.cloud.unreachable import chain_of, network_fault, reason_unreached
from installer.errors import DeploymentFailed, Verdict
from installer.json_access import as_object
from installer.jsontypes import Json
from installer.sanitize import clean, clean_json, one_line
from installer.waiting import bounded

if TYPE_CHECKING:
    from azure.core.exceptions import AzureError, HttpResponseError


UNAUTHORIZED: Final = 401
EXPIRED: Final = "ExpiredAuthenticationToken"
CONFLICT: Final = 409
UNREACHED: Final = "Azure could not be reached: "
TRANSIENT: Final = frozenset({0, 408, 429, 500, 502, 503, 504})
ENTRA: Final = "AADSTS"
"""Beginning of the error codes of Microsoft Entra."""
_ENTRA: Final = re.compile(rf"\b{ENTRA}\d+")
_UNREADABLE: Final = (AttributeError, LookupError, TypeError, ValueError, RecursionError)
"""Exceptions of models of the SDK for members of wrong types, such as a list in place of an object."""
_LOG: Final = logging.getLogger(__name__)
LOCKED: Final = "ScopeLocked"
"""Error code of a change that a resource lock prevents."""


class AzureRefused(DeploymentFailed):
    """Azure returned an error or could not be reached.

    Attributes:
        status: HTTP status; 0 if there was no response, or for a failed deployment.
        error: The ARM error as received, or None.
        detail: Status, error and correlation ID for the journal.
        challenge: What Azure asks of a new sign-in, in base64; "" if it does not.

    """

    challenge: str = ""

    def __init__(
        self, text: str, *, status: int = 0, error: Json = None, correlation_id: str = "", retry_after: float = 0.0
    ) -> None:
        super().__init__(text)
        self.status = status
        self.error = error
        self._retry_after = retry_after
        self.detail = {"status": status, "error": error, "correlation_id": correlation_id}

    @property
    def transient(self) -> bool:
        """Whether a retry may help: Azure was unreachable or busy, or failed internally.

        A failed deployment has no HTTP status, and a conflict may be temporary: then the explanations of the causes
        decide.
        """
        if self.status == UNAUTHORIZED:
            return self.code == EXPIRED  # the next request uses a new token
        by_cause = self.status in (0, CONFLICT) and self.error is not None
        found = causes(self.error) if by_cause else []
        return all(_is_temporary(cause) for cause in found) if found else self.status in TRANSIENT

    @property
    def unreached(self) -> bool:
        """Whether Azure could not be reached."""
        return self.status == 0 and self.error is None

    @property
    def retry_after(self) -> float:
        """Retry-After of the response, in seconds."""
        return self._retry_after

    @property
    def settles_within(self) -> float:
        """The longest wait of the causes of a temporary refusal, in seconds: role assignments take minutes."""
        found = [explanation(cause.code, cause.message) for cause in causes(self.error)] if self.transient else []
        return max((known.wait for known in found if known is not None), default=0.0)

    @property
    def verdict(self) -> Verdict:
        """Verdict from the explanations of the causes; the worst one decides."""
        if self.transient:
            return super().verdict
        found = [explanation(cause.code, cause.message) for cause in causes(self.error)]
        hopeless = next((known for known in found if known is not None and known.retry == "no"), None)
        if hopeless is not None:
            return Verdict("never", f"not without changes: {hopeless.remedy}")
        remedies = [known.remedy for known in found if known is not None and known.retry == "after"]
        return Verdict(
            "changed", f"after the remedy: {remedies[0]}" if remedies else "after the cause of the error is resolved"
        )

    @property
    def depends_on(self) -> tuple[str, ...]:
        """Conditions of all causes."""
        return tuple(dict.fromkeys(name for cause in causes(self.error) for name in depends_on(cause)))

    @property
    def code(self) -> str:
        """Code of the outermost ARM error."""
        error = as_object(self.error)
        return str(as_object(error.get("error", error)).get("code", ""))


class WrongAnswer(AzureRefused):
    """An answer that Azure cannot have given, or that leads to another service.

    Attributes:
        lasting: Whether the next answer will be the same.

    """

    def __init__(self, text: str, *, status: int = 0, lasting: bool = False) -> None:
        super().__init__(text, status=status)
        self.lasting = lasting

    @property
    def transient(self) -> bool:
        """A proxy or a network may answer once, and Azure the next time."""
        return not self.lasting

    @property
    def unreached(self) -> bool:
        """Something has answered: it is not asked for an hour."""
        return False


def _is_temporary(cause: Cause) -> bool:
    """Whether a cause is known to be temporary."""
    found = explanation(cause.code, cause.message)
    return found is not None and found.retry == "now"


CHALLENGE: Final = re.compile(r'error="insufficient_claims".*?claims="([A-Za-z0-9+/=_-]{1,4000})"')
"""Claims challenge of a 401. Source: entra-docs, identity-platform/claims-challenge.md."""


def refused_by(
    error: Json, doing: str, *, status: int = 0, correlation_id: str = "", retry_after: float = 0.0
) -> AzureRefused:
    """Convert an ARM error to an exception whose text starts with the innermost cause."""
    found = causes(error)
    text = "\n".join(line for cause in found[:5] for line in explained(cause)) or "Azure gave no reason"
    more = f"\n… and {len(found) - 5} more" if len(found) > 5 else ""
    trace = f" [correlation id {correlation_id}]" if correlation_id else ""
    whole = f"{text}{more}\n({doing}){trace}"
    return AzureRefused(whole, status=status, error=error, correlation_id=correlation_id, retry_after=retry_after)


@contextmanager
def refusals(doing: str, let_through: type[Exception] | tuple[()] = ()) -> Iterator[None]:
    """Convert SDK exceptions to AzureRefused; exceptions of the types `let_through` are passed on unchanged."""
    from azure.core.exceptions import AzureError, ClientAuthenticationError, HttpResponseError

    try:
        yield
    except let_through:
        raise
    except WrongAnswer as wrong:
        raise _about(wrong, doing) from wrong
    except ClientAuthenticationError as error:
        for one in chain_of(error):
            if isinstance(one, WrongAnswer):
                raise _about(one, doing) from error
        if network_fault(error) is not None:  # a credential reports every failure as one of the sign-in
            raise _unreached(error, doing) from error
        body = _sign_in_error(str(error.message)) or _body_of(error)
        known = [line for cause in causes(body)[:1] for line in explained(cause)[1:]]
        text = "\n".join([f"Azure rejected the sign-in: {one_line(str(error.message))}", *known, f"({doing})"])
        raise AzureRefused(text, status=UNAUTHORIZED, error=body) from error
    except HttpResponseError as error:
        raise _refused(error, doing) from error
    except AzureError as error:
        raise _unreached(error, doing) from error
    except _UNREADABLE as error:
        _LOG.warning("an answer of Azure could not be read: %s", doing, exc_info=error)
        text = f"Azure answered with JSON of another form than documented ({type(error).__name__}): a proxy may have changed it"
        raise WrongAnswer(f"{text}\n({doing})", lasting=True) from error


def _about(wrong: WrongAnswer, doing: str) -> WrongAnswer:
    return WrongAnswer(f"{wrong}\n({doing})", status=wrong.status, lasting=wrong.lasting)


def _unreached(error: "AzureError", doing: str) -> AzureRefused:
    return AzureRefused(f"{UNREACHED}{reason_unreached(error)}\n({doing})")


def _refused(error: "HttpResponseError", doing: str) -> AzureRefused:
    body = _body_of(error)
    headers = getattr(error.response, "headers", None) or {}
    trace = clean(str(headers.get("x-ms-correlation-request-id", "")))
    content: Json = body if isinstance(body, dict) else {"message": clean(str(error.message))}
    status = int(error.status_code or 0)
    refused = refused_by(content, doing, status=status, correlation_id=trace, retry_after=_seconds(headers))
    if found := CHALLENGE.search(str(headers.get("WWW-Authenticate", ""))):
        refused.challenge = found[1]
    return refused


def _sign_in_error(message: str) -> Json:
    """The error of Entra in a message of the SDK or of the Azure CLI, None if it has no code of Entra."""
    found = _ENTRA.search(message)
    return {"code": found[0], "message": clean(message)} if found else None


def _body_of(error: "HttpResponseError") -> Json:
    try:
        return clean_json(error.response.json()) if error.response is not None else None  # type: ignore[attr-defined]
    except (ValueError, AttributeError):
        return None


def _seconds(headers: Mapping[str, str]) -> float:
    """Retry-After in seconds; 0 if missing or a date (ARM sends seconds)."""
    try:
        return bounded(float(headers.get("Retry-After", 0)))
    except ValueError:
        return 0.0
