"""Requests to the Blob service of an account with a hierarchical namespace, for what was deleted in it.

learn.microsoft.com/rest/api/storageservices: list-containers2 (include=deleted), restore-container, list-blobs (showonly=deleted),
undelete-blob (x-ms-undelete-source: path?deletionid=ID). Versioning and point-in-time restore do not exist in such accounts
(azure-docs, articles/storage/blobs/soft-delete-blob-overview.md, point-in-time-restore-overview.md).
"""

import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final
from urllib.parse import quote, urlencode
from xml.etree import ElementTree as ET

from installer.errors import VerificationFailed
from installer.prefect_setup.same_host import open_on_host

VERSION: Final = "2021-12-02"
_SECONDS: Final = 60.0
_TRIES: Final = 5
_BUSY: Final = frozenset({429, 500, 503})


@dataclass(frozen=True)
class DeletedItem:
    """A deleted file, directory or container.

    Attributes:
        container: Name of the container.
        path: Path in it; "" for the container itself.
        id: ID of the deletion, or version of the deleted container.
        kind: "file", "directory" or "container".
        at: Time of the deletion, in seconds since the epoch.
        days: Days for which it can be restored.
        size: Length of a file.

    """

    container: str
    path: str
    id: str
    kind: str
    at: float
    days: int
    size: int = 0

    @property
    def name(self) -> str:
        """Container and path."""
        return f"{self.container}/{self.path}" if self.path else self.container


@dataclass(frozen=True)
class BlobService:
    """The Blob service of an account.

    Attributes:
        url: Its URL, without a slash at its end.
        token: Returns a token.
        pause: Waits for a number of seconds.

    """

    url: str
    token: Callable[[], str]
    pause: Callable[[float], None] = time.sleep

    def containers(self) -> Iterator[tuple[str, DeletedItem | None]]:
        """Names of containers, with the deletion of a deleted one. Raises VerificationFailed."""
        for one in self._pages("/", {"comp": "list", "include": "deleted"}, "Container"):
            name = one.findtext("Name") or ""
            gone = one.findtext("Deleted") == "true"
            yield name, _item(one, name, "", one.findtext("Version") or "", "container") if gone else None

    def deleted(self, container: str, prefix: str) -> Iterator[DeletedItem]:
        """Deleted files and directories of a container. Raises VerificationFailed."""
        given = {"restype": "container", "comp": "list", "showonly": "deleted", "prefix": prefix}
        for one in self._pages(f"/{container}", given, "Blob"):
            kind = "directory" if one.findtext("Properties/ResourceType") == "directory" else "file"
            yield _item(one, container, one.findtext("Name") or "", one.findtext("DeletionId") or "", kind)

    def restore(self, item: DeletedItem) -> str:
        """Restore an item; returns the error code of a refusal that concerns it alone, "" if it was restored.

        Raises VerificationFailed for any other refusal.
        """
        if item.kind == "container":
            named = {"x-ms-deleted-container-name": item.container, "x-ms-deleted-container-version": item.id}
            path, query, headers = f"/{item.container}", {"restype": "container", "comp": "undelete"}, named
        else:
            source = {"x-ms-undelete-source": f"{quote(item.path)}?deletionid={item.id}"}
            path, query, headers = f"/{item.container}/{quote(item.path)}", {"comp": "undelete"}, source
        status, code, _ = self._send("PUT", path, query, headers)
        if status in (HTTPStatus.CONFLICT, HTTPStatus.NOT_FOUND, HTTPStatus.BAD_REQUEST):
            return code or str(status)
        self._refuse(status, code, f"restore {item.name}")
        return ""

    def _pages(self, path: str, query: dict[str, str], tag: str) -> Iterator[ET.Element]:
        marker = ""
        while True:
            status, code, text = self._send("GET", path, {**query, **({"marker": marker} if marker else {})}, {})
            self._refuse(status, code, f"list what was deleted in {self.url}{path}")
            root = ET.fromstring(text)  # noqa: S314  an answer of Azure Storage over TLS
            yield from root.iter(tag)
            marker = root.findtext("NextMarker") or ""
            if not marker:
                return

    def _refuse(self, status: int, code: str, what: str) -> None:
        if status >= HTTPStatus.BAD_REQUEST:
            raise VerificationFailed(f"the data lake refused to {what}: {code or status}")

    def _send(self, method: str, path: str, query: dict[str, str], headers: dict[str, str]) -> tuple[int, str, bytes]:
        """Status, error code and body. Raises VerificationFailed if the account cannot be reached."""
        found: tuple[int, str, bytes] = (0, "", b"")
        for _ in range(_TRIES):
            request = urllib.request.Request(  # noqa: S310  the URL comes from the settings of the job
                f"{self.url}{path}?{urlencode(query)}",
                data=b"" if method == "PUT" else None,
                headers={"Authorization": f"Bearer {self.token()}", "x-ms-version": VERSION, **headers},
                method=method,
            )
            try:
                with open_on_host(request, seconds=_SECONDS) as answer:
                    return answer.status, "", answer.read()
            except urllib.error.HTTPError as refused:
                with refused:
                    found = refused.code, refused.headers.get("x-ms-error-code") or "", b""
                if refused.code not in _BUSY:
                    return found
            except OSError as problem:
                found = 0, str(problem), b""
            self.pause(2.0)
        if not found[0]:
            raise VerificationFailed(f"{self.url} cannot be reached: {found[1]}")
        return found


def _item(one: ET.Element, container: str, path: str, identity: str, kind: str) -> DeletedItem:
    text = one.findtext("Properties/DeletedTime") or one.findtext("DeletedTime") or ""
    days = one.findtext("Properties/RemainingRetentionDays") or one.findtext("RemainingRetentionDays") or "0"
    size = one.findtext("Properties/Content-Length") or "0"
    at = parsedate_to_datetime(text).timestamp() if text else 0.0
    return DeletedItem(container, path, identity, kind, at, int(days or 0), int(size or 0))
