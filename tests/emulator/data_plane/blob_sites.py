"""Storage accounts on which the same programs run: two of the embedded Azure, and one of Azurite, Microsoft's emulator.

Azurite is not installed with the tests, because it needs Node 22: `npm install azurite` into any folder, and AZURITE with the
command line of its Blob service, such as `AZURITE="node FOLDER/node_modules/azurite/dist/src/blob/main.js"`.
"""

import base64
import json
import os
import secrets
import shlex
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import pytest

from installer.emulator.prefect.local import free_port, image_python
from tests.emulator.data_plane.data_site import CONTRIBUTOR, LAKE, LAYERS, WHERE, DataSite
from tests.processes import until

AZURITE: Final = shlex.split(os.environ.get("AZURITE", ""))
FLAT: Final = "ffdevflat0001"
HIERARCHICAL: Final = "embedded"
EMBEDDED_FLAT: Final = "embedded, flat"
OTHER: Final = pytest.param(
    "azurite", marks=pytest.mark.skipif(not AZURITE, reason="no Azurite: see tests/emulator/data_plane/blob_sites.py")
)
_STARTS: Final = 180.0
_VERSION: Final = "2025-06-01"
PREAMBLE: Final = """
import json, os, sys
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceModifiedError, ResourceNotFoundError
from azure.identity import DefaultAzureCredential, ManagedIdentityCredential
from azure.identity.aio import ManagedIdentityCredential as AsyncCredential
from azure.storage.blob import BlobServiceClient, BlobClient, BlobBlock, ContentSettings, BlobType
URL, ACCOUNT, KEY = os.environ["BLOB_URL"], os.environ["BLOB_ACCOUNT"], os.environ.get("BLOB_KEY", "")
SHARED = {"account_name": ACCOUNT, "account_key": KEY}
CONNECTION = f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};BlobEndpoint={URL};"
credential = SHARED if KEY else ManagedIdentityCredential(client_id=os.environ["AZURE_CLIENT_ID"])
service = BlobServiceClient(URL, credential=credential, retry_total=0)
landing = service.get_container_client("landing")
def refused(call):
    try:
        call()
    except HttpResponseError as error:
        return [error.status_code, str(getattr(error.error_code, "value", error.error_code))]
    return []
"""


class BlobSite(Protocol):
    """An account with the layers of a lake, and programs that use it."""

    @property
    def folders(self) -> bool:
        """Whether it has a hierarchical namespace."""

    def results(self, program: str, acts: str = "worker") -> dict[str, Any]:
        """Run a program after PREAMBLE; returns the JSON object of its last line."""


@dataclass(frozen=True)
class EmbeddedBlobs:
    """An account of the embedded Azure; programs are jobs with a managed identity."""

    site: DataSite
    account: str
    folders: bool

    def results(self, program: str, acts: str = "worker") -> dict[str, Any]:
        """As its interface."""
        settings = {"BLOB_URL": f"https://{self.account}.blob.core.windows.net", "BLOB_ACCOUNT": self.account}
        return self.site.results(PREAMBLE + program, acts, settings=settings)


@dataclass(frozen=True)
class AzuriteBlobs:
    """An account of Azurite with a shared key, which is made for the test; programs are local processes."""

    url: str
    key: str
    folders: bool = False

    def results(self, program: str, acts: str = "worker") -> dict[str, Any]:
        """As its interface; there are no identities."""
        del acts
        settings = {"BLOB_URL": self.url, "BLOB_ACCOUNT": LAKE, "BLOB_KEY": self.key}
        done = subprocess.run(
            [image_python(), "-c", PREAMBLE + program],
            env={**os.environ, **settings},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
        return found


def add_flat_account(site: DataSite) -> None:
    """A second account, without a hierarchical namespace."""
    account = f"{site.group}/providers/Microsoft.Storage/storageAccounts/{FLAT}"
    site.put(
        account, _VERSION, {"location": WHERE, "kind": "StorageV2", "sku": {"name": "Standard_ZRS"}, "properties": {}}
    )
    for layer in LAYERS:
        site.put(f"{account}/blobServices/default/containers/{layer}", _VERSION, {"properties": {}})
    site.grant("worker", CONTRIBUTOR, account)


@contextmanager
def azurite(folder: Path) -> Iterator[AzuriteBlobs]:
    """Azurite's Blob service with the containers of the layers."""
    port, key = free_port(), base64.b64encode(secrets.token_bytes(64)).decode()
    options = ["--blobHost", "127.0.0.1", "--blobPort", str(port), "--location", str(folder), "--silent"]
    settings = {**os.environ, "AZURITE_ACCOUNTS": f"{LAKE}:{key}", "AZURITE_TELEMETRY_COLLECTION_ENABLED": "false"}
    with subprocess.Popen([*AZURITE, *options, "--skipApiVersionCheck", "--disableTelemetry"], env=settings) as child:
        try:
            until(lambda: _answers(f"http://127.0.0.1:{port}"), "Azurite answers", _STARTS)
            found = AzuriteBlobs(f"http://127.0.0.1:{port}/{LAKE}", key)
            found.results(f"for name in {LAYERS!r}:\n    service.create_container(name)\nprint('{{}}')")
            yield found
        finally:
            child.terminate()


def _answers(url: str) -> bool:
    try:
        urllib.request.urlopen(url)  # noqa: S310  a port of this machine
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True
