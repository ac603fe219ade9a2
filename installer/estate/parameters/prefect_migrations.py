"""The program that lists the migrations of Prefect's tables which its image has and its database does not have yet. It changes nothing.

Prefect migrates with Alembic (prefect/server/database/alembic_commands.py); the folder with the versions of a database is that of its
object `orm` (prefect/server/database/_migrations/env.py, which sets it in the same way).
"""

from typing import Final

from installer.estate.parameters.context import Installation
from installer.estate.parameters.prefect_server import database_program
from installer.jsontypes import Json

_PENDING: Final = """\
import asyncio, json
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from prefect.server.database import provide_database_interface
from prefect.server.database.alembic_commands import alembic_config

async def read():
    database = provide_database_interface()
    engine = await database.engine()
    async with engine.connect() as connection:
        heads = await connection.run_sync(lambda one: MigrationContext.configure(one).get_current_heads())
    script = ScriptDirectory.from_config(alembic_config())
    script.version_locations = [database.orm.versions_dir]
    unknown, newest = [], script.get_current_head()
    for head in heads:
        try:
            script.get_revision(head)
        except CommandError:
            unknown.append(head)
    pending = [] if unknown else list(script.iterate_revisions(newest, heads or "base"))
    named = [[one.revision, (one.doc or "").splitlines()[0]] for one in reversed(pending) if one.revision not in heads]
    print(json.dumps({"result": {"current": list(heads), "newest": newest, "pending": named, "unknown": unknown}}), flush=True)

asyncio.run(read())
"""


def pending_command(it: Installation) -> list[Json]:
    """Command line of the program, in the cloud of the installation."""
    return database_program(it, _PENDING)
