# ruff: noqa: INP001  a flow's folder is no package: Prefect loads the file by its path
"""The hops of an acceptance run: each proves one thing that flows of an environment rely on, or has the reason why it fails."""

import asyncio
import hashlib
import os
import ssl
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

LAYERS = ("landing", "bronze", "silver", "gold")
FOLDER = "_flowforge/acceptance"
SIZE = 64 * 1024
ROLE_SECONDS = 300.0
"""Time that a new role assignment may take to have an effect; longer waits are left to a second run."""
RETRY_SECONDS = 5.0
_UNAVAILABLE = "unavailable"
"""Address of the database in a rehearsal on a machine without PostgreSQL."""


@dataclass(frozen=True)
class Outcome:
    """The result of a hop.

    Attributes:
        hop: Its name.
        state: "passed", "failed", "left out", or "not reached" after a failed hop that it needs.
        milliseconds: Its duration.
        code: Error code of the service.
        why: Reason of a state that is not "passed".

    """

    hop: str
    state: str
    milliseconds: int = 0
    code: str = ""
    why: str = ""


class LeftOut(Exception):
    """The environment does not have what the hop would prove."""


@dataclass
class Journey:
    """One acceptance run.

    Attributes:
        settings: The variable of the environment.
        mark: Name of its folder in each layer.
        written: Names of containers with a file of this run.

    """

    settings: dict[str, str]
    mark: str
    written: list[str] = field(default_factory=list)
    content: bytes = field(default_factory=lambda: os.urandom(SIZE))
    _credentials: list[Any] = field(default_factory=list)

    @property
    def path(self) -> str:
        """Name of the file in each layer."""
        return f"{FOLDER}/{self.mark}/data.bin"

    def token(self, audience: str) -> str:
        """A token of the identity of this workload."""
        return str(self._credential().get_token(f"{audience}/.default").token)

    def get_token(self) -> None:
        """Hop: the identity gets a token."""
        self.token(self.settings["storage_audience"])

    def land(self) -> None:
        """Hop: a new file in the first layer, read back."""
        self._write("landing", self.content)

    def copy(self, source: str, target: str) -> None:
        """Hop: the file of a layer, with its checksum verified, in the next layer."""
        content = self._blob(source).download_blob().readall()
        if hashlib.sha256(content).digest() != hashlib.sha256(self.content).digest():
            raise ValueError(f"the file in {source} is not what was written")
        self._write(target, content)

    def database_row(self) -> None:
        """Hop: a table, a row in it that is read back, and no table."""
        asyncio.run(self._database_row())

    def read_secret(self) -> None:
        """Hop: a secret by its reference; the value is dropped."""
        from azure.keyvault.secrets import SecretClient

        with SecretClient(self.settings["vault"], self._credential()) as client:
            if not client.get_secret(self.settings["vault_secret"]).value:
                raise ValueError(f"the secret {self.settings['vault_secret']} has no value")

    def clean_up(self) -> None:
        """Hop: the files of this run are gone, and its folders, unless another run uses them."""
        from azure.core.exceptions import HttpResponseError

        for layer in self.written:
            self._blob(layer).delete_blob()
            folder = f"{FOLDER}/{self.mark}"
            while folder:
                try:
                    self._blob(layer, folder).delete_blob()
                except HttpResponseError as error:
                    if error.status_code not in (404, 409):  # missing, or not empty
                        raise
                folder = folder.rpartition("/")[0]

    def _credential(self) -> Any:
        """The one credential of this run, which keeps its tokens."""
        from azure.identity import ManagedIdentityCredential, WorkloadIdentityCredential

        if self._credentials:
            return self._credentials[0]
        if os.environ.get("AZURE_FEDERATED_TOKEN_FILE"):
            # The cluster names the authority, so a further request to check it would only need more egress.
            self._credentials.append(WorkloadIdentityCredential(disable_instance_discovery=True))
        else:
            self._credentials.append(ManagedIdentityCredential(client_id=os.environ.get("AZURE_CLIENT_ID")))
        return self._credentials[0]

    def _blob(self, layer: str, name: str = "") -> Any:
        from azure.storage.blob import BlobClient

        account, _, container = self.settings[layer].rpartition("/")
        return BlobClient(account, container, name or self.path, credential=self._credential())

    def _write(self, layer: str, content: bytes) -> None:
        digest = hashlib.sha256(content).hexdigest()
        blob = self._blob(layer)
        blob.upload_blob(content, overwrite=True, metadata={"sha256": digest}, validate_content=True)
        self.written.append(layer)
        if hashlib.sha256(blob.download_blob().readall()).hexdigest() != digest:
            raise ValueError(f"the file in {layer} is not what was written")

    async def _database_row(self) -> None:
        import asyncpg

        host = self.settings["database_host"]
        address, _, port = os.environ.get("FLOWFORGE_DATABASE_ADDRESS", f"{host}:5432").rpartition(":")
        if port == _UNAVAILABLE:
            raise LeftOut("PostgreSQL does not run on the machine of this rehearsal")
        context = _NamedServer(ssl.PROTOCOL_TLS_CLIENT)
        context.name = host
        context.load_default_certs()
        connection = await asyncpg.connect(
            host=address,
            port=int(port),
            user=self.settings["database_user"],
            password=self.token(self.settings["database_audience"]),
            database=self.settings["database"],
            ssl=context,
            timeout=20,
        )
        try:
            table = f'"{self.settings["database_schema"]}"."run_{uuid.uuid4().hex}"'
            await connection.execute(
                f"CREATE TABLE {table} (mark text PRIMARY KEY, noted timestamptz NOT NULL DEFAULT now())"
            )
            try:
                await connection.execute(f"INSERT INTO {table} (mark) VALUES ($1)", self.mark)  # noqa: S608  our own names
                found = await connection.fetchval(f"SELECT mark FROM {table} WHERE mark = $1", self.mark)  # noqa: S608  as above
            finally:
                await connection.execute(f"DROP TABLE {table}")
            if found != self.mark:
                raise ValueError("the row is not what was written")
        finally:
            await connection.close()


class _NamedServer(ssl.SSLContext):
    """Verifies the certificate for the name of the server, whatever the address is that the connection uses."""

    name = ""

    def wrap_bio(self, *arguments: Any, **options: Any) -> ssl.SSLObject:
        """As for every context, with the name of the server."""
        options["server_hostname"] = self.name
        return super().wrap_bio(*arguments, **options)


def travel(hop: str, work: Callable[[], None], *, wait: float = ROLE_SECONDS) -> Outcome:
    """Run a hop; one that lacks a role is tried again for some time."""
    begun = time.monotonic()
    while True:
        started = time.monotonic()
        try:
            work()
        except LeftOut as reason:
            return Outcome(hop, "left out", why=str(reason))
        except Exception as error:  # noqa: BLE001  whatever a library raises is the reason of this hop
            if _may_change(error) and time.monotonic() - begun < wait:
                time.sleep(RETRY_SECONDS)
                continue
            return Outcome(hop, "failed", _since(started), code_of(error), reason_of(error))
        return Outcome(hop, "passed", _since(started))


def _since(started: float) -> int:
    return max(1, round((time.monotonic() - started) * 1000))


def _may_change(error: Exception) -> bool:
    """Whether a role that was assigned just now may be missing."""
    status = getattr(error, "status_code", None) or getattr(error, "code", None)
    return status == 403 and code_of(error) != "AuthorizationFailure"  # that one is the network's


def code_of(error: Exception) -> str:
    """The error code of a service, else the name of the error."""
    own = getattr(error, "error_code", None) or getattr(getattr(error, "error", None), "code", None)
    code = getattr(own, "value", own) or getattr(error, "sqlstate", None) or getattr(error, "code", None)
    return "".join(letter for letter in str(code or type(error).__name__) if letter.isalnum() or letter in "._-")[:64]


def reason_of(error: Exception) -> str:
    """The first line of an error, in printable characters."""
    lines = str(getattr(error, "message", None) or error).strip().splitlines() or [type(error).__name__]
    return "".join(letter for letter in lines[0] if letter.isprintable())[:300]
