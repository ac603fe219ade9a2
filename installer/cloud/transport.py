"""Transport of every client of the SDK: the waits between tries and polls are bounded, shown, and ended by a stop, and so are answers."""

from typing import TYPE_CHECKING, Any, Final

import requests
from azure.core.pipeline.transport import RequestsTransport
from requests.adapters import HTTPAdapter

from installer.cloud.answer_checks import check_answer, no_whole_answer
from installer.waiting import check_stopped, wait
from installer.whole_answers import NoWholeAnswer, bounded_body, in_time

if TYPE_CHECKING:
    from azure.core.rest import HttpRequest, HttpResponse

WHOLE_SECONDS: Final = 320.0
"""For an answer as a whole: a little more than the silence after which the SDK gives up and names the network (300 s for the
connection and for each read: azure/core/configuration.py, ConnectionConfiguration)."""
_SLOWEST_UPLOAD: Final = 20_000
"""Bytes in a second, estimated: what is sent has its time beside that for the answer."""
_PART: Final = 65_536


class WholeAnswers(HTTPAdapter):
    """Sends requests, and reads each answer until its end, within a bound of time and size.

    Args:
        seconds: Timeout of an answer as a whole.

    """

    def __init__(self, seconds: float) -> None:
        super().__init__(max_retries=0)
        self._seconds = seconds

    def send(self, request: requests.PreparedRequest, *arguments: Any, **options: Any) -> requests.Response:
        """Send a request. Raises WrongAnswer for an answer without an end."""
        send = super().send

        def exchange() -> requests.Response:
            response = send(request, *arguments, **options)
            try:
                # As requests itself keeps it (requests/models.py, Response.content), but with a limit.
                response._content = bounded_body(response.iter_content(_PART))  # noqa: SLF001
            except BaseException:
                response.close()
                raise
            return response

        sent = request.body if isinstance(request.body, bytes | str) else b""
        seconds = self._seconds + len(sent) / _SLOWEST_UPLOAD
        try:
            return in_time(exchange, seconds, check_stopped)
        except (NoWholeAnswer, TimeoutError) as error:
            raise no_whole_answer(str(request.url), error) from error


class WaitingTransport(RequestsTransport):  # type: ignore[misc]  # the package imports it on first use
    """Requests of one client; policies for retries and pollers wait with its `sleep`.

    Args:
        whole: Timeout of an answer as a whole, in seconds; WHOLE_SECONDS by default.
        options: Those of the SDK's transport.

    """

    def __init__(self, whole: float | None = None, **options: Any) -> None:
        session = requests.Session()
        for scheme in ("https://", "http://"):
            session.mount(scheme, WholeAnswers(whole or WHOLE_SECONDS))
        super().__init__(session=session, **options)

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


def transport_to(ca_file: str | None, whole: float | None = None, **options: float) -> WaitingTransport:
    """A transport that trusts the authorities in a file, or those of the system; options as for WaitingTransport."""
    return WaitingTransport(whole, connection_verify=ca_file or True, **options)
