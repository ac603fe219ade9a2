"""Blobs behind URLs that carry their own signature: sources and logs of registry tasks.

The URL is the credential, so it is neither logged nor named in an error, and no token is sent with it. What is sent are files of the
customer: they go to blobs of the cloud only, such as acrtaskprodeus020.blob.core.windows.net (Azure/azure-powershell,
src/ContainerRegistry/examples/Get-AzContainerRegistryBuildSourceUploadUrl.md).
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from installer.cloud.answer_checks import check_host, host_of
from installer.cloud.errors import WrongAnswer, refusals
from installer.cloud.target import Target
from installer.conventions.clouds import CLOUDS

if TYPE_CHECKING:
    from azure.core import PipelineClient
    from azure.core.rest import HttpRequest, HttpResponse

_RANGE_NOT_SATISFIABLE: Final = 416
_ABSENT: Final = 404
_CREATED: Final = 201
"""Put Blob (learn.microsoft.com/rest/api/storageservices/put-blob)."""
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
        headers = {"x-ms-blob-type": "BlockBlob", "Content-Type": "application/gzip"}
        status = self._send("PUT", url, headers, content, doing).status_code
        if status != _CREATED:
            raise WrongAnswer(
                f"{host_of(url)} answered {status} to a new blob, not {_CREATED}\n({doing})", status=status
            )

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
            self._check_place(url)
            response = self._client.send_request(HttpRequest(method, url, headers=dict(headers), content=content))
            response.read()
            if response.status_code >= 400 and response.status_code not in (_ABSENT, _RANGE_NOT_SATISFIABLE):
                raise HttpResponseError(message=f"the storage of the registry returned {response.status_code}")
            if 300 <= response.status_code < 400:
                text = f"{host_of(url)} answered {response.status_code}, which blobs do not: it is not followed"
                raise WrongAnswer(text, status=response.status_code)
            return response

    def _check_place(self, url: str) -> None:
        """Raise WrongAnswer unless a URL is one of blobs of this cloud, or of an embedded Azure itself."""
        for place in (self.target.endpoint, f"https://blob.{self._suffix()}"):
            with suppress(WrongAnswer):
                check_host(url, place)
                return
        text = f"Azure names {host_of(url)} for files, which has no blobs of this cloud: nothing is sent there"
        raise WrongAnswer(text, lasting=True)

    def _suffix(self) -> str:
        """Domain of the storage of this cloud; a private cloud has it beside its Azure Resource Manager."""
        known = next((names.storage for cloud, names in CLOUDS.items() if cloud == self.target.cloud), "")
        return known or (urlsplit(self.target.endpoint).hostname or "").partition(".")[2]

    @cached_property
    def _client(self) -> "PipelineClient[HttpRequest, HttpResponse]":
        from azure.core import PipelineClient
        from azure.core.pipeline.policies import ProxyPolicy, RetryPolicy, UserAgentPolicy

        from installer.cloud.transport import transport_to

        policies = [UserAgentPolicy("flowforge-installer"), ProxyPolicy(), RetryPolicy(retry_total=5)]
        return PipelineClient(self.target.endpoint, policies=policies, transport=transport_to(self.target.ca_file))
