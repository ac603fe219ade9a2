"""Reads roles and databases as they are."""

from collections.abc import Sequence
from typing import Final

from installer.database_setup import queries
from installer.database_setup.connection import Connection
from installer.database_setup.existing import DatabaseFacts, Entrance, UserFacts
from installer.database_setup.model import Database
from installer.database_setup.plan import ACCEPTANCE_SCHEMA, ADMINISTRATORS, SEQUENCE_PRIVILEGES, TABLE_PRIVILEGES
from installer.errors import InstallerError

_TABLES: Final = ("r", "p", "v", "m", "f")
_SEQUENCES: Final = ("S",)


async def existing_roles(connection: Connection, names: Sequence[str]) -> frozenset[str]:
    """Those of these roles that exist."""
    return await _column(connection, queries.ROLES, list(names))


async def mapped_roles(connection: Connection, names: Sequence[str]) -> dict[str, str]:
    """Object IDs of those of these roles that are Entra principals. Only in the database postgres."""
    return {row[0]: row[1] for row in await connection.fetch(queries.PRINCIPALS, list(names))}


async def existing_databases(connection: Connection, names: Sequence[str]) -> dict[str, Entrance]:
    """Those of these databases that exist."""
    rows = await connection.fetch(queries.DATABASES, list(names))
    return {name: Entrance(owner, opened, acts) for name, owner, opened, acts in rows}


async def open_databases(connection: Connection, names: Sequence[str]) -> list[str]:
    """Those of these databases that all roles may connect to, if the administrator may change that."""
    return [row[0] for row in await connection.fetch(queries.OPEN_DATABASES, list(names))]


async def is_schema_open(connection: Connection) -> bool:
    """Whether all roles may create objects in the schema public, and the administrator may change that."""
    return bool(await connection.fetchval(queries.OPEN_SCHEMA))


async def strangers(connection: Connection, owners: Sequence[str]) -> list[str]:
    """Objects in the schema public that belong neither to these roles nor to an administrator nor to an extension."""
    rows = await connection.fetch(queries.STRANGERS, list(owners), ADMINISTRATORS)
    return [f"{what} of {role}" for what, role in rows]


async def lock_holders(connection: Connection) -> list[str]:
    """Sessions in the database of a connection that hold an advisory lock."""
    return [f"{role} (process {process})" for role, process in await connection.fetch(queries.LOCK_HOLDERS)]


async def database_facts(connection: Connection, wanted: Database) -> DatabaseFacts:
    """The database of a connection as it is."""
    row = await connection.fetchrow(queries.DATABASE, wanted.owner)
    if row is None:
        raise InstallerError(
            f"the database {wanted.name} has no schema public: create it again (CREATE SCHEMA public), then resume"
        )
    return DatabaseFacts(
        owner=row["owner"],
        open=row["open"],
        connects=frozenset(row["connects"]),
        extensions=frozenset(row["extensions"]),
        schema_open=row["schema_open"],
        owner_creates=row["owner_creates"],
        users={name: await _user(connection, wanted.owner, name) for name in wanted.users},
        acts_as=frozenset(row["acts_as"]),
    )


async def _user(connection: Connection, owner: str, name: str) -> UserFacts:
    uses_schema = await connection.fetchval(queries.USES_SCHEMA, name)
    return UserFacts(
        uses_schema=bool(uses_schema),
        default_tables=await _column(connection, queries.DEFAULTS, owner, name, "r"),
        default_sequences=await _column(connection, queries.DEFAULTS, owner, name, "S"),
        lacking_tables=await _lacking(connection, owner, name, _TABLES, TABLE_PRIVILEGES),
        lacking_sequences=await _lacking(connection, owner, name, _SEQUENCES, SEQUENCE_PRIVILEGES),
        has_workspace=bool(await connection.fetchval(queries.HAS_WORKSPACE, name, ACCEPTANCE_SCHEMA)),
    )


async def _lacking(
    connection: Connection, owner: str, name: str, kinds: Sequence[str], privileges: Sequence[str]
) -> tuple[str, ...]:
    return tuple(row[0] for row in await connection.fetch(queries.LACKING, owner, name, list(kinds), list(privileges)))


async def _column(connection: Connection, query: str, *arguments: object) -> frozenset[str]:
    return frozenset(row[0] for row in await connection.fetch(query, *arguments))
