"""Transport of every client of the SDK: the waits between tries and polls are bounded, shown, and ended by a stop."""

from typing import TYPE_CHECKING

from azure.core.pipeline.transport import RequestsTransport

from installer.cloud.answer_checks import check_answer
from installer.waiting import wait

if TYPE_CHECKING:
    from azure.core.rest import HttpRequest, HttpResponse


class WaitingTransport(RequestsTransport):  # type: ignore[misc]  # the package imports it on first use
    """Requests of one client; policies for retries and pollers wait with its `sleep`."""

    def sleep(self, duration: float) -> None:
        """Wait for a number of seconds, such as those of a Retry-After header."""
        wait(duration)


class SignInTransport(WaitingTransport):
    """Requests of a credential, whose secrets go to the authority only, and to nothing that answers in its place."""

    def send(self, request: "HttpRequest", **options: object) -> "HttpResponse":
        """Send a request, and check the answer."""
        answer: HttpResponse = super().send(request, **options)
        location = str(answer.headers.get("Location") or "")
        check_answer(request.url, answer.status_code, location, body_of(answer), request.url)
        return answer


def body_of(answer: "HttpResponse") -> bytes:
    """The body, which is kept for those that read it later; SDKs still use two kinds of responses."""
    read = getattr(answer, "read", None)
    return bytes(read()) if read is not None else bytes(answer.body())  # type: ignore[attr-defined]  # the older kind


def sign_in_transport(ca_file: str | None) -> SignInTransport:
    """A transport of a credential."""
    return SignInTransport(connection_verify=ca_file or True)


def transport_to(ca_file: str | None, **options: float) -> WaitingTransport:
    """A transport that trusts the authorities in a file, or those of the system."""
    return WaitingTransport(connection_verify=ca_file or True, **options)
