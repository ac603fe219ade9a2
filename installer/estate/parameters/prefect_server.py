"""Prefect servers of an environment, the same for every runtime: their processes, settings, secrets and probes.

One server is one process with the web server and the background services. Several servers run the web server only and share a
Redis; one more process runs the services. Tables are made by a job before them. Facts are those of prefect 3.8.8,
prefect-redis 0.3.0 and prefect-azure 0.4.13, whose files are named beside them.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from installer.estate.parameters.context import Installation, Site
from installer.estate.parameters.prefect_api import PREFECT_AUTH, PREFECT_REDIS
from installer.estate.parameters.principals import principals_of
from installer.estate.parameters.stage_spec import Outputs
from installer.jsontypes import Json

SERVICES_COMMAND: Final[list[Json]] = ["prefect", "server", "services", "start"]
"""Runs the background services of several servers (prefect/cli/server.py)."""
SERVICES_REPLICAS: Final = 2
"""They share their work through Redis: docs.prefect.io/v3/advanced/self-hosted ("Architecture")."""
_UPGRADE: Final = """\
import asyncio
import sqlalchemy
from prefect.server.database import provide_database_interface
from prefect.server.models.block_registration import run_block_auto_registration

USED = ("automation", "block_document", "deployment", "flow", "flow_run", "variable")

def emptied(connection):
    found = sqlalchemy.inspect(connection)
    tables = found.get_table_names()
    if any(connection.exec_driver_sql(f'SELECT 1 FROM "{name}" LIMIT 1').first() for name in tables if name in USED):
        return False
    for kind, names in (
        ("VIEW", found.get_view_names()),
        ("TABLE", tables),
        ("TYPE", [one["name"] for one in found.get_enums()]),
    ):
        for name in names:
            connection.exec_driver_sql(f'DROP {kind} "{name}" CASCADE')
    return True

async def migrate(database):
    try:
        await database.create_db()
    except sqlalchemy.exc.ProgrammingError as error:
        engine = await database.engine()
        async with engine.begin() as connection:
            if not await connection.run_sync(emptied):
                reason = str(error.orig).splitlines()[0]
                raise SystemExit(
                    "the tables of Prefect are half migrated, as after a migration that was interrupted, and in use: "
                    f"restore the database from its backup, then resume: {reason}"
                )
        print("the tables of Prefect were half made and not in use yet: they are made again")
        await database.create_db()

async def upgrade():
    database = provide_database_interface()
    await migrate(database)
    async with await database.session() as session:
        await run_block_auto_registration(session=session)
    print("the tables and block types of Prefect are up to date")

asyncio.run(upgrade())
"""
"""Makes and migrates the tables of Prefect, and registers its block types: several servers that start at the same time with
an empty table of block types would end with UniqueViolation (prefect/server/models/block_registration.py, 3.8.8).
Some migrations commit in their middle (autocommit_block in prefect/server/database/_migrations/versions/postgresql, such as
22b7cb02e593): one that is interrupted there cannot be repeated, as its columns exist. Tables that nothing is in are then made again."""
_SCOPE: Final = "FLOWFORGE_POSTGRES_SCOPE"
"""Setting with the scope of tokens for PostgreSQL in another cloud than the public one."""
_IN_CLOUD: Final = f"""\
import os, runpy, sys
import prefect_azure.plugins
prefect_azure.plugins.OSSRDBMS_SCOPE = os.environ["{_SCOPE}"]
"""
_LAUNCH: Final = f"""\
{_IN_CLOUD}sys.argv = sys.argv[1:]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""
"""Runs a module whose sign-in to PostgreSQL asks for tokens of the own cloud: prefect_azure/plugins.py has the scope of the public
cloud as a constant. A server has to be one process for that, so no `prefect server start`, which starts another one."""
LIVE_PATH: Final = "/api/health"
"""Answers while the process lives (prefect/server/api/server.py); both paths need no credential."""
READY_PATH: Final = "/api/ready"
"""Answers 503 while the database cannot be reached (prefect/server/api/root.py)."""
_POSTGRES_PORT: Final = 5432
_SHARED: Final[Mapping[str, Json]] = {
    "PREFECT__SERVER_WEBSERVER_ONLY": "1",
    "PREFECT_MESSAGING_BROKER": "prefect_redis.messaging",
    "PREFECT_MESSAGING_CACHE": "prefect_redis.messaging",
    "PREFECT_SERVER_EVENTS_CAUSAL_ORDERING": "prefect_redis.ordering",
    "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect_redis.lease_storage",
    "PREFECT_SERVER_WORKER_CHANNEL_CLEANUP_QUEUE_STORAGE": "prefect_redis.cleanup_queue",
}
"""Settings of several servers: docs.prefect.io/v3/advanced/self-hosted ("Redis setup"), prefect/cli/_server_utils.py
(_validate_multi_worker), and worker_channel.py among the models of settings, whose default serves one process only."""

_REDIS_URLS: Final = (
    "PREFECT_REDIS_MESSAGING_URL",
    "PREFECT_REDIS_WORKER_CLEANUP_QUEUE_URL",
    "PREFECT_SERVER_DOCKET_URL",
)
"""prefect_redis/client.py (messaging, ordering, leases), prefect_redis/cleanup_queue.py, and docket.py among the models of
settings: each of them connects to localhost without its own."""


def has_separate_services(it: Installation) -> bool:
    """Whether background services run apart from the web servers: otherwise each of several servers would run them."""
    return it.answers.platform.prefect == "server" and it.answers.platform.prefect_servers > 1


def database_settings(it: Installation, site: Site, outputs: Outputs) -> dict[str, Json]:
    """Environment variables of every process that uses the database of Prefect, without a password."""
    names, client = it.names, principals_of(outputs, site.name)["prefect"]
    user, host = names.identity(site.name, "prefect"), names.postgres_at(it.postgres(site))
    database = f"{host}:{_POSTGRES_PORT}/{names.database(site.name, 'prefect')}?ssl=require"
    return {
        "AZURE_CLIENT_ID": client.client_id,
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": f"postgresql+asyncpg://{user}@{database}",
        "PREFECT_PLUGINS_ENABLED": "true",
        "PREFECT_INTEGRATIONS_AZURE_POSTGRES_MANAGED_IDENTITY_ENABLED": "true",
        "PREFECT_INTEGRATIONS_AZURE_POSTGRES_MANAGED_IDENTITY_CLIENT_ID": client.client_id,
        **({_SCOPE: f"{names.answers_at.postgres_audience}/.default"} if needs_launcher(it) else {}),
    }


def needs_launcher(it: Installation) -> bool:
    """Whether processes that use the database need the scope of another cloud than the public one."""
    return it.names.cloud != "public"


def for_cloud(it: Installation, command: Sequence[Json]) -> list[Json]:
    """Command line of a process that uses the database, in the cloud of the installation."""
    if not needs_launcher(it):
        return list(command)
    module = command[2:] if tuple(command[:2]) == ("python", "-m") else command
    return ["python", "-c", _LAUNCH, *module]


def upgrade_command(it: Installation) -> list[Json]:
    """Command line of the job that prepares the database of Prefect, in the cloud of the installation."""
    return database_program(it, _UPGRADE)


def database_program(it: Installation, program: str) -> list[Json]:
    """Command line of a program that uses the database of Prefect, in the cloud of the installation."""
    return ["python", "-c", f"{_IN_CLOUD if needs_launcher(it) else ''}{program}"]


def server_settings(it: Installation, site: Site, outputs: Outputs, url: str) -> dict[str, Json]:
    """Environment variables of a server; `url` is that of its API for browsers."""
    return {
        **database_settings(it, site, outputs),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_DATABASE_MIGRATE_ON_START": "false",
        "PREFECT_SERVER_UI_API_URL": url,
        # Its files are copied at every start; the folder of the package is not writable (server.py, create_ui_app).
        "PREFECT_SERVER_UI_STATIC_DIRECTORY": "/tmp/prefect-ui",  # noqa: S108  in its container
        **(_SHARED if has_separate_services(it) else {}),
    }


def services_settings(it: Installation, site: Site, outputs: Outputs, url: str) -> dict[str, Json]:
    """Environment variables of the process of background services: those of a server without its web server."""
    settings = server_settings(it, site, outputs, url)
    del settings["PREFECT__SERVER_WEBSERVER_ONLY"], settings["PREFECT_SERVER_UI_STATIC_DIRECTORY"]
    return {**settings, "PREFECT_SERVER_UI_ENABLED": "false"}


def server_secrets(it: Installation) -> dict[str, str]:
    """Secret name in the key vault by environment variable, for servers and background services.

    Services call the API in their own process, with the credential of the server (prefect/server/api/clients.py).
    """
    shared = _REDIS_URLS if has_separate_services(it) else ()
    return {"PREFECT_SERVER_API_AUTH_STRING": PREFECT_AUTH, **dict.fromkeys(shared, PREFECT_REDIS)}
