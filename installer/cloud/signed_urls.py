"""Blobs behind URLs that carry their own signature: sources and logs of registry tasks.

The URL is the credential, so it is neither logged nor named in an error, and no token is sent with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from installer.cloud.errors import refusals
from installer.cloud.target import Target

if TYPE_CHECKING:
    from azure.core import PipelineClient
    from azure.core.rest import HttpRequest, HttpResponse

_RANGE_NOT_SATISFIABLE: Final = 416
_ABSENT: Final = 404
_COMPLETE: Final = "x-ms-meta-complete"


@dataclass(frozen=True)
class LogPart:
    """A part of a log.

    Attributes:
        content: Bytes from the requested offset on.
        complete: Whether nothing will be added to the log.

    """

    content: bytes
    complete: bool


@dataclass(frozen=True)
class SignedUrls:
    """Client for signed URLs of blobs. Methods block."""

    target: Target

    def upload(self, url: str, content: bytes, *, doing: str) -> None:
        """Write a block blob. Raises AzureRefused."""
        self._send("PUT", url, {"x-ms-blob-type": "BlockBlob", "Content-Type": "application/gzip"}, content, doing)

    def read_from(self, url: str, offset: int, *, doing: str) -> LogPart:
        """The log from an offset on; empty if there is no more yet, or no log at all. Raises AzureRefused.

        Blobs of logs have the metadatum `complete` at their end (azure-cli, command_modules/acr/_stream_utils.py).
        """
        response = self._send("GET", url, {"x-ms-range": f"bytes={offset}-"}, None, doing)
        complete = bool(response.headers.get(_COMPLETE))
        if response.status_code in (_ABSENT, _RANGE_NOT_SATISFIABLE):
            return LogPart(b"", complete)
        return LogPart(response.content, complete)

    def _send(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes | None, doing: str
    ) -> "HttpResponse":
        from azure.core.exceptions import HttpResponseError
        from azure.core.rest import HttpRequest

        with refusals(doing):
            response = self._client.send_request(HttpRequest(method, url, headers=dict(headers), content=content))
            response.read()
            if response.status_code >= 400 and response.status_code not in (_ABSENT, _RANGE_NOT_SATISFIABLE):
                raise HttpResponseError(message=f"the storage of the registry returned {response.status_code}")
            return response

    @cached_property
    def _client(self) -> "PipelineClient[HttpRequest, HttpResponse]":
        from azure.core import PipelineClient
        from azure.core.pipeline.policies import ProxyPolicy, RetryPolicy, UserAgentPolicy

        from installer.cloud.transport import transport_to

        policies = [UserAgentPolicy("flowforge-installer"), ProxyPolicy(), RetryPolicy(retry_total=5)]
        return PipelineClient(self.target.endpoint, policies=policies, transport=transport_to(self.target.ca_file))
