"""A flexible server with a database administrator in a running embedded Azure, and the job that sets up its databases."""

import asyncio
import contextlib
import json
import sqlite3
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import asyncpg

from installer.database_setup.connection import _NamedServer
from installer.database_setup.model import Database, DatabaseOrder, Role
from installer.database_setup.payload import COMMAND, order_settings
from installer.emulator.authorization.tokens import Identity as TokenIssuer
from installer.emulator.authorization.tokens import Principal
from installer.emulator.prefect.job_results import JobResults
from installer.jsontypes import Json
from tests.emulator.server_process import Served
from tests.processes import until

HOST: Final = "ff-test.postgres.database.azure.com"
AUDIENCE: Final = "https://ossrdbms-aad.database.windows.net"
FLOWFORGE: Final = "dev_flowforge"
PREFECT: Final = "dev_prefect"
_POSTGRES: Final = "2025-08-01"
_IDENTITIES: Final = "2024-11-30"
_JOBS: Final = "2025-07-01"
WORKLOADS: Final = ("dbadmin", "web", "worker", "prefect")


@dataclass(frozen=True)
class Identity:
    """A managed identity."""

    id: str
    name: str
    object_id: str
    client_id: str


@dataclass(frozen=True)
class Result:
    """The end of a job: whether it succeeded, and its lines."""

    succeeded: bool
    lines: list[dict[str, Any]]

    @property
    def changes(self) -> list[str]:
        """Texts of what was created or updated."""
        return [line["text"] for line in self.lines if line.get("event") in {"created", "updated"}]

    @property
    def error(self) -> str:
        """The error of the program."""
        return str(next((line["error"] for line in self.lines if "error" in line), ""))


@dataclass
class Site:
    """An environment: its group, its server and its identities."""

    azure: Served
    state: Path
    group: str
    who: Mapping[str, Identity]

    @property
    def server(self) -> str:
        """Resource ID of the server."""
        return f"{self.group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/ff-test"

    @property
    def order(self) -> DatabaseOrder:
        """Roles and databases as for a real environment."""
        roles = tuple(Role(self.who[name].name, self.who[name].object_id) for name in ("web", "worker", "prefect"))
        flowforge = Database(FLOWFORGE, self.who["web"].name, (self.who["worker"].name,), ("pg_trgm",))
        return DatabaseOrder(roles, (flowforge, Database(PREFECT, self.who["prefect"].name, (), ("pg_trgm",))))

    def put(self, path: str, version: str, body: Mapping[str, Json]) -> dict[str, Any]:
        """Make a resource, and wait until it exists."""
        return self.azure.put(path, version, body)

    def add_administrator(self, identity: Identity) -> None:
        """Make an identity an administrator of the server."""
        properties: Json = {
            "principalName": identity.name,
            "principalType": "ServicePrincipal",
            "tenantId": self.azure.info["tenant"],
        }
        self.put(f"{self.server}/administrators/{identity.object_id}", _POSTGRES, {"properties": properties})

    def allow_extensions(self, names: str) -> None:
        """Set the allowed extensions of the server."""
        properties: Json = {"value": names, "source": "user-override"}
        self.put(f"{self.server}/configurations/azure.extensions", _POSTGRES, {"properties": properties})

    def set_up(self, order: DatabaseOrder | None = None, acts: str = "dbadmin") -> Result:
        """Run the job of the database administrator to its end."""
        succeeded, log = self.run(COMMAND, order_settings(order or self.order), acts)
        lines = [json.loads(line) for line in log.splitlines() if line.startswith('{"')]
        assert lines, log
        return Result(succeeded, lines)

    def address(self) -> tuple[str, int]:
        """Host and port of the server on this machine, as a job gets them."""
        program = "import os; print(os.environ['FLOWFORGE_DATABASE_ADDRESS'])"
        host, _, port = self.run(["python", "-c", program], {}, "dbadmin")[1].strip().rpartition(":")
        return host, int(port)

    def run(self, command: list[Json], settings: Mapping[str, Json], acts: str) -> tuple[bool, str]:
        """Run a job with the settings of a program that signs in to the server; whether it succeeded, and its output."""
        job = f"{self.group}/providers/Microsoft.App/jobs/job-bootstrap"
        given: dict[str, Json] = {
            "FLOWFORGE_DATABASE_HOST": HOST,
            "FLOWFORGE_DATABASE_USER": self.who[acts].name,
            "FLOWFORGE_DATABASE_AUDIENCE": AUDIENCE,
            "AZURE_CLIENT_ID": self.who[acts].client_id,
            **settings,
        }
        env: list[Json] = [{"name": name, "value": value} for name, value in given.items()]
        container: Json = {"name": "job", "image": "docker.io/library/python:3", "command": command, "env": env}
        properties: Json = {
            "configuration": {"triggerType": "Manual", "replicaTimeout": 60},
            "template": {"containers": [container]},
        }
        assigned: Json = {"type": "UserAssigned", "userAssignedIdentities": {self.who[acts].id: {}}}
        self.put(job, _JOBS, {"location": "westeurope", "identity": assigned, "properties": properties})
        where = self.azure.raw("POST", f"{job}/start?api-version={_JOBS}").json()["id"]
        status = ""

        def ended() -> bool:
            nonlocal status
            status = str(self.azure.get(f"{where}?api-version={_JOBS}")["properties"]["status"])
            return status != "Running"

        until(ended, "the job has ended", 60.0)
        return status == "Succeeded", JobResults(self.state / "prefect").log(where)


def identity_of(state: Path, difference: float = 0.0) -> TokenIssuer:
    """The issuer of the tokens of an embedded Azure, with a clock that differs by some seconds."""
    with contextlib.closing(sqlite3.connect(state / "azure.sqlite")) as database:
        (key,) = database.execute("SELECT value FROM facts WHERE name = 'token_key'").fetchone()
    return TokenIssuer("", "", "", bytes.fromhex(key), Clock(difference))


@dataclass
class Clock:
    """The current time, and a difference."""

    difference: float

    def now(self) -> float:
        """The time."""
        return time.time() + self.difference

    async def until(self, moment: float) -> None:
        """Not used."""


@dataclass(frozen=True)
class Client:
    """Connects to the server as an identity would."""

    site: Site
    host: str
    port: int

    def token(self, who: str, audience: str = AUDIENCE, age: float = 0.0) -> str:
        """A token of an identity, issued some seconds ago."""
        issuer = identity_of(self.site.state, -age)
        found = self.site.who[who]
        return issuer.token("t", audience, "i", Principal(found.client_id, found.object_id))

    def query(
        self, who: str, database: str, *statements: str, token: str = "", expected: str = HOST, tls: bool = True
    ) -> list[Any]:
        """Run statements; returns the first column of the last one. `expected`: the name that the certificate must have."""

        async def run() -> list[Any]:
            connection = await self.connect(who, database, token=token, expected=expected, tls=tls)
            try:
                rows = [await connection.fetch(statement) for statement in statements][-1]
                return [row[0] for row in rows]
            finally:
                await connection.close()

        return asyncio.run(run())

    async def connect(self, who: str, database: str, *, token: str = "", expected: str = HOST, tls: bool = True) -> Any:
        """A connection of asyncpg."""
        context = _NamedServer(ssl.PROTOCOL_TLS_CLIENT)
        context.name = expected
        context.load_verify_locations(self.site.azure.info["ca_file"])
        return await asyncpg.connect(
            host=self.host,
            port=self.port,
            user=self.site.who[who].name,
            password=token or self.token(who),
            database=database,
            ssl=context if tls else False,
        )


def build(azure: Served, state: Path) -> Site:
    """An environment whose server has an administrator, allowed extensions and two databases, as the template makes it."""
    group = f"{azure.scope}/resourceGroups/rg-database"
    site = Site(azure, state, group, {})
    for namespace in ("Microsoft.DBforPostgreSQL", "Microsoft.App"):
        azure.raw("POST", f"{azure.scope}/providers/{namespace}/register?api-version=2021-04-01")
        where = f"{azure.scope}/providers/{namespace}?api-version=2021-04-01"
        until(lambda where=where: azure.get(where)["registrationState"] == "Registered", namespace)  # type: ignore[misc]
    site.put(group, "2025-04-01", {"location": "westeurope"})
    found = {}
    for name in WORKLOADS:
        where = f"{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-{name}"
        made = site.put(where, _IDENTITIES, {"location": "westeurope"})["properties"]
        found[name] = Identity(where, f"id-{name}", made["principalId"], made["clientId"])
    site = replace(site, who=found)
    properties: Json = {
        "version": "17",
        "authConfig": {"activeDirectoryAuth": "Enabled", "passwordAuth": "Disabled"},
        "storage": {"storageSizeGB": 32},
    }
    sku: Json = {"name": "Standard_D2ds_v5", "tier": "GeneralPurpose"}
    site.put(site.server, _POSTGRES, {"location": "westeurope", "sku": sku, "properties": properties})
    site.add_administrator(site.who["dbadmin"])
    site.allow_extensions("PG_TRGM")
    for name in (FLOWFORGE, PREFECT):
        wanted: Json = {"charset": "UTF8", "collation": "en_US.utf8"}
        site.put(f"{site.server}/databases/{name}", _POSTGRES, {"properties": wanted})
    return site
