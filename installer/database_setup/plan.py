"""Decides which SQL statements make roles and databases match an order; reads and writes nothing.

Rules of Azure Database for PostgreSQL (MicrosoftDocs/azure-databases-docs, articles/postgresql/security):
security-manage-entra-users.md has the functions and the security label that map roles to Entra objects;
security-access-control.md: the schema public belongs to azure_pg_admin, not to the owner of the database, all roles may
create objects in it by default, and from PostgreSQL 16 on a role can be granted only with its ADMIN option.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from installer.database_setup.existing import DatabaseFacts
from installer.database_setup.model import Database, Role
from installer.job_program.changes import Change, Doing

ADMINISTRATORS: Final = "azure_pg_admin"
"""Role of all administrators of a server."""
MAINTENANCE: Final = "postgres"
"""Database in which roles are managed."""
SHARED: Final = (MAINTENANCE, "template1")
"""Databases of every server that all roles may connect to."""
ACCEPTANCE_SCHEMA: Final = "flowforge_acceptance"
"""Schema of an administrator in which users of a database may create and drop tables, as acceptance runs do."""
TABLE_PRIVILEGES: Final = ("SELECT", "INSERT", "UPDATE", "DELETE")
SEQUENCE_PRIVILEGES: Final = ("SELECT", "USAGE")
_CLOSE_SCHEMA: Final = "REVOKE CREATE ON SCHEMA public FROM PUBLIC"


@dataclass(frozen=True)
class Step:
    """Statements that change one object, and the event about it."""

    change: Change
    statements: tuple[str, ...] = ()


def identifier(name: str) -> str:
    """A name quoted for SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text quoted for SQL."""
    return "'" + text.replace("'", "''") + "'"


def role_step(role: Role, exists: bool, object_id: str | None) -> Step:  # noqa: FBT001  two facts of one role
    """The step of a role.

    Args:
        role: The wanted role.
        exists: Whether a role of this name exists.
        object_id: Object ID that the existing role is mapped to; None if it is no Entra principal.

    """
    if not exists:
        arguments = f"{literal(role.name)}, {literal(role.object_id)}, 'service', false, false"
        return _step(
            "created", "role", role.name, "", f"SELECT pg_catalog.pgaadauth_create_principal_with_oid({arguments})"
        )
    if object_id is not None and object_id.lower() == role.object_id.lower():
        return _step("unchanged", "role", role.name, "")
    label = literal(f"aadauth,oid={role.object_id},type=service")
    why = "no identity was mapped to it" if object_id is None else f"its identity was {object_id}"
    statement = f'SECURITY LABEL FOR "pgaadauth" ON ROLE {identifier(role.name)} IS {label}'
    return _step("updated", "role", role.name, f"mapped to the identity {role.object_id}: {why}", statement)


def creation_step(database: Database) -> Step:
    """The step of a database that does not exist. It cannot run in a transaction."""
    return _step("created", "database", database.name, "", f"CREATE DATABASE {identifier(database.name)}")


def entrance_step(database: Database) -> Step:
    """The step of a database that its administrator may not even connect to."""
    return _granted(database, ADMINISTRATORS, _entrance(database))


def shared_steps(databases: Collection[str], *, schema_open: bool) -> list[Step]:
    """The steps of databases of the server itself, whose schema public is open in the one of the connection.

    Roles of workloads need none of them. In a database that all roles may use, each could hold the lock of this program, and
    in the template each could leave objects for every new database.
    """
    closing = [
        statement
        for name in databases
        for statement in (
            f"GRANT CONNECT ON DATABASE {identifier(name)} TO {ADMINISTRATORS}",
            f"REVOKE ALL ON DATABASE {identifier(name)} FROM PUBLIC",
        )
    ]
    if schema_open:
        closing.append(_CLOSE_SCHEMA)
    return [_step("updated", "access", MAINTENANCE, "closed to other roles", *closing)] if closing else []


def closing_steps(wanted: Database, found: DatabaseFacts) -> list[Step]:
    """The steps that come before all others, and are committed before them: from then on only known roles make objects."""
    closing = []
    if found.open:
        closing.append(f"REVOKE ALL ON DATABASE {identifier(wanted.name)} FROM PUBLIC")
    if found.schema_open:
        closing.append(_CLOSE_SCHEMA)
    return [_step("updated", "access", wanted.name, "closed to other roles", *closing)] if closing else []


def is_unproven(wanted: Database, found: DatabaseFacts) -> bool:
    """Whether unknown roles may have left objects that the owner, or the script of an extension, would use."""
    missing = not found.extensions.issuperset(wanted.extensions)
    return found.open or found.schema_open or missing or found.owner != wanted.owner


def database_steps(wanted: Database, found: DatabaseFacts) -> list[Step]:
    """The steps of an existing database, in their order."""
    return [
        *closing_steps(wanted, found),
        *_extensions(wanted, found),
        *_ownership(wanted, found),
        *_access(wanted, found),
    ]


def memberships(roles: Collection[str], acts_as: Collection[str]) -> list[str]:
    """Those of these roles, which own a database or will, that the administrator has to be a member of to change it."""
    return sorted({*roles} - {*acts_as, ADMINISTRATORS})


def join_statements(roles: list[str]) -> list[str]:
    """Statements that make the administrator a member of roles."""
    return [f"GRANT {identifier(role)} TO CURRENT_USER WITH INHERIT TRUE, SET TRUE" for role in roles]


def leave_statements(roles: list[str]) -> list[str]:
    """Statements that end the membership, but not the ADMIN option that the administrator has as creator of the role."""
    return [f"REVOKE {identifier(role)} FROM CURRENT_USER" for role in roles]


def _extensions(wanted: Database, found: DatabaseFacts) -> Iterator[Step]:
    for name in wanted.extensions:
        if name not in found.extensions:
            statement = f"CREATE EXTENSION IF NOT EXISTS {identifier(name)} WITH SCHEMA public"
            yield _step("created", "extension", f"{name} in {wanted.name}", "", statement)


def _ownership(wanted: Database, found: DatabaseFacts) -> Iterator[Step]:
    if found.owner == wanted.owner:
        return
    statement = f"ALTER DATABASE {identifier(wanted.name)} OWNER TO {identifier(wanted.owner)}"
    yield _step(
        "updated", "database", wanted.name, f"owner {wanted.owner} instead of {found.owner or 'none'}", statement
    )


def _access(wanted: Database, found: DatabaseFacts) -> Iterator[Step]:
    """Environments share a server: the identities of one have no access to the databases of another."""
    owner = identifier(wanted.owner)
    if ADMINISTRATORS not in found.connects or found.owner == ADMINISTRATORS:  # an owner passes its privileges on
        yield _granted(wanted, ADMINISTRATORS, _entrance(wanted))
    if found.schema_open or not found.owner_creates:
        yield _granted(wanted, wanted.owner, f"GRANT USAGE, CREATE ON SCHEMA public TO {owner}")
    for user in wanted.users:
        statements = list(_user_statements(wanted, user, found))
        if statements:
            yield _granted(wanted, user, *statements)


def _user_statements(wanted: Database, name: str, found: DatabaseFacts) -> Iterator[str]:
    """Statements that let a role read and write all tables of a database, current and future."""
    user, owner, has = identifier(name), identifier(wanted.owner), found.users[name]
    if name not in found.connects:
        yield f"GRANT CONNECT ON DATABASE {identifier(wanted.name)} TO {user}"
    if not has.uses_schema:
        yield f"GRANT USAGE ON SCHEMA public TO {user}"
    if not has.has_workspace:
        yield f"CREATE SCHEMA IF NOT EXISTS {ACCEPTANCE_SCHEMA}"
        yield f"GRANT USAGE, CREATE ON SCHEMA {ACCEPTANCE_SCHEMA} TO {user}"
    for what, privileges, default, lacking in (
        ("TABLE", TABLE_PRIVILEGES, has.default_tables, has.lacking_tables),
        ("SEQUENCE", SEQUENCE_PRIVILEGES, has.default_sequences, has.lacking_sequences),
    ):
        words = ", ".join(privileges)
        if not default.issuperset(privileges):
            yield f"ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public GRANT {words} ON {what}S TO {user}"
        if lacking:
            yield f"GRANT {words} ON {what} {', '.join(f'public.{one}' for one in lacking)} TO {user}"


def _entrance(database: Database) -> str:
    return f"GRANT CONNECT ON DATABASE {identifier(database.name)} TO {ADMINISTRATORS}"


def _granted(wanted: Database, role: str, *statements: str) -> Step:
    return _step("updated", "access", f"{role} to {wanted.name}", "granted", *statements)


def _step(doing: Doing, kind: str, name: str, detail: str, *statements: str) -> Step:
    text = f"{kind} {name} {detail or doing}"
    return Step(Change(doing, kind, name, text), statements)
