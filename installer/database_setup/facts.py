"""Reads roles and databases as they are."""

from collections.abc import Sequence
from typing import Final

from installer.database_setup.connection import Connection
from installer.database_setup.model import Database
from installer.database_setup.plan import SEQUENCE_PRIVILEGES, TABLE_PRIVILEGES, DatabaseFacts, Entrance, UserFacts
from installer.errors import InstallerError

_ROLES: Final = "SELECT rolname::text FROM pg_catalog.pg_roles WHERE rolname = ANY($1::text[])"
_PRINCIPALS: Final = (
    "SELECT rolename::text, objectid::text FROM pg_catalog.pgaadauth_list_principals(false)"
    " WHERE rolename::text = ANY($1::text[])"
)
_DATABASES: Final = """
SELECT datname::text, pg_get_userbyid(datdba)::text, has_database_privilege(oid, 'CONNECT'),
    pg_has_role(datdba, 'USAGE') AND pg_has_role(datdba, 'SET')
FROM pg_catalog.pg_database WHERE datname = ANY($1::text[])
"""
_DATABASE: Final = """
WITH grants AS (
    SELECT a.grantee, a.privilege_type FROM pg_catalog.pg_database d,
        LATERAL aclexplode(COALESCE(d.datacl, acldefault('d', d.datdba))) a WHERE d.datname = current_database())
SELECT pg_get_userbyid(d.datdba)::text AS owner,
    EXISTS (SELECT FROM grants WHERE grantee = 0) AS open,
    ARRAY(SELECT r.rolname::text FROM grants g JOIN pg_catalog.pg_roles r ON r.oid = g.grantee
          WHERE g.privilege_type = 'CONNECT') AS connects,
    ARRAY(SELECT extname::text FROM pg_catalog.pg_extension) AS extensions,
    EXISTS (SELECT FROM aclexplode(COALESCE(n.nspacl, acldefault('n', n.nspowner)))
            WHERE grantee = 0 AND privilege_type = 'CREATE') AS schema_open,
    has_schema_privilege($1, n.oid, 'CREATE') AND has_schema_privilege($1, n.oid, 'USAGE') AS owner_creates,
    ARRAY(SELECT rolname::text FROM pg_catalog.pg_roles WHERE rolname::text IN ($1, pg_get_userbyid(d.datdba)::text)
          AND pg_has_role(oid, 'USAGE') AND pg_has_role(oid, 'SET')) AS acts_as
FROM pg_catalog.pg_database d JOIN pg_catalog.pg_namespace n ON n.nspname = 'public'
WHERE d.datname = current_database()
"""
_DEFAULTS: Final = """
SELECT a.privilege_type::text FROM pg_catalog.pg_default_acl d, LATERAL aclexplode(d.defaclacl) a
WHERE pg_get_userbyid(d.defaclrole) = $1 AND d.defaclnamespace = 'public'::regnamespace AND d.defaclobjtype = $3::text::"char"
    AND pg_get_userbyid(a.grantee) = $2
"""
_LACKING: Final = """
SELECT quote_ident(c.relname) FROM pg_catalog.pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND pg_get_userbyid(c.relowner) = $1 AND c.relkind::text = ANY($3::text[])
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend x WHERE x.objid = c.oid AND x.deptype = 'e')
    AND EXISTS (SELECT FROM unnest($4::text[]) p WHERE NOT CASE c.relkind WHEN 'S'
        THEN has_sequence_privilege($2, c.oid, p) ELSE has_table_privilege($2, c.oid, p) END)
ORDER BY 1
"""
_TABLES: Final = ("r", "p", "v", "m", "f")
_SEQUENCES: Final = ("S",)


async def existing_roles(connection: Connection, names: Sequence[str]) -> frozenset[str]:
    """Those of these roles that exist."""
    return await _column(connection, _ROLES, list(names))


async def mapped_roles(connection: Connection, names: Sequence[str]) -> dict[str, str]:
    """Object IDs of those of these roles that are Entra principals. Only in the database postgres."""
    return {row[0]: row[1] for row in await connection.fetch(_PRINCIPALS, list(names))}


async def existing_databases(connection: Connection, names: Sequence[str]) -> dict[str, Entrance]:
    """Those of these databases that exist."""
    rows = await connection.fetch(_DATABASES, list(names))
    return {name: Entrance(owner, opened, acts) for name, owner, opened, acts in rows}


async def database_facts(connection: Connection, wanted: Database) -> DatabaseFacts:
    """The database of a connection as it is."""
    row = await connection.fetchrow(_DATABASE, wanted.owner)
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
    uses_schema = await connection.fetchval("SELECT has_schema_privilege($1, 'public', 'USAGE')", name)
    return UserFacts(
        uses_schema=bool(uses_schema),
        default_tables=await _column(connection, _DEFAULTS, owner, name, "r"),
        default_sequences=await _column(connection, _DEFAULTS, owner, name, "S"),
        lacking_tables=await _lacking(connection, owner, name, _TABLES, TABLE_PRIVILEGES),
        lacking_sequences=await _lacking(connection, owner, name, _SEQUENCES, SEQUENCE_PRIVILEGES),
    )


async def _lacking(
    connection: Connection, owner: str, name: str, kinds: Sequence[str], privileges: Sequence[str]
) -> tuple[str, ...]:
    return tuple(row[0] for row in await connection.fetch(_LACKING, owner, name, list(kinds), list(privileges)))


async def _column(connection: Connection, query: str, *arguments: object) -> frozenset[str]:
    return frozenset(row[0] for row in await connection.fetch(query, *arguments))
