"""Makes the roles and databases of a server match an order, and reports every change."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from installer.database_setup import facts, plan
from installer.database_setup.connection import Connection, Server, explained_statement, held_lock
from installer.database_setup.existing import Entrance
from installer.database_setup.model import Database, DatabaseOrder
from installer.errors import InstallerError
from installer.job_program.changes import Change
from installer.job_program.output import WriteLine, line_of

_LOCK = "SELECT pg_catalog.pg_advisory_lock(pg_catalog.hashtext('flowforge database setup'::pg_catalog.text)::pg_catalog.int8)"
"""Environments that share a server change the same catalogs, which PostgreSQL refuses at the same moment."""


async def apply(order: DatabaseOrder, server: Server, write: WriteLine) -> None:
    """Apply an order. Raises InstallerError."""
    async with _connected(server, plan.MAINTENANCE, write) as connection:
        await _lock(connection)
        await _close_shared(connection, write)
        await _apply_roles(connection, order, write)
        existing = await facts.existing_databases(connection, [one.name for one in order.databases])
        for database in order.databases:
            created = await _open(connection, database, existing.get(database.name), write)
            async with _connected(server, database.name, write) as own:
                await _apply_database(own, database, write, created=created)


async def _lock(connection: Connection) -> None:
    import asyncpg

    try:
        await connection.execute(_LOCK)
    except asyncpg.LockNotAvailableError as error:
        raise held_lock(error, await facts.lock_holders(connection)) from error


async def _close_shared(connection: Connection, write: WriteLine) -> None:
    """Close the databases of the server itself to workloads, where the administrator may."""
    opened = await facts.open_databases(connection, plan.SHARED)
    await _execute(connection, plan.shared_steps(opened, schema_open=await facts.is_schema_open(connection)), [], write)


async def _open(connection: Connection, database: Database, found: Entrance | None, write: WriteLine) -> bool:
    """Make a database exist, and let the administrator connect to it; returns whether it was created."""
    if found is None:
        step = plan.creation_step(database)
        await _run(connection, step.statements)
    elif not found.open:
        step = plan.entrance_step(database)
        await _change(connection, [step], plan.memberships([found.owner], [found.owner] if found.acts else []))
    else:
        return False
    write(line_of(step.change))
    return found is None


async def _apply_roles(connection: Connection, order: DatabaseOrder, write: WriteLine) -> None:
    names = [role.name for role in order.roles]
    existing = await facts.existing_roles(connection, names)
    mapped = await facts.mapped_roles(connection, names)
    for role in order.roles:
        step = plan.role_step(role, role.name in existing, mapped.get(role.name))
        await _run(connection, step.statements)
        write(line_of(step.change))


async def _apply_database(connection: Connection, wanted: Database, write: WriteLine, *, created: bool) -> None:
    found = await facts.database_facts(connection, wanted)
    closing = plan.closing_steps(wanted, found)
    if closing:
        await _execute(connection, closing, plan.memberships([found.owner], found.acts_as), write)
    if plan.is_unproven(wanted, found):
        await _refuse_strangers(connection, wanted, found.owner)
    if closing:
        found = await facts.database_facts(connection, wanted)
    steps = plan.database_steps(wanted, found)
    if steps:
        joined = plan.memberships([wanted.owner, found.owner], found.acts_as)
        async with connection.transaction():
            await _change(connection, steps, joined)
            left = plan.database_steps(wanted, await facts.database_facts(connection, wanted))
            if left:
                raise InstallerError(f"PostgreSQL did not keep: {'; '.join(step.change.text for step in left)}")
    for step in steps:
        write(line_of(step.change))
    if not created and not any(step.change.kind == "database" for step in steps):
        write(line_of(Change("unchanged", "database", wanted.name, f"database {wanted.name} unchanged")))


async def _refuse_strangers(connection: Connection, wanted: Database, owner: str) -> None:
    found = await facts.strangers(connection, [wanted.owner, owner])
    if found:
        raise InstallerError(
            f"objects of other roles in the schema public of {wanted.name}, which could run with the privileges of "
            f"{wanted.owner}: {', '.join(found)}. Drop them, or give them to an administrator, then resume"
        )


async def _execute(connection: Connection, steps: Sequence[plan.Step], joined: list[str], write: WriteLine) -> None:
    """Run the statements of steps at once, and report them."""
    if steps:
        await _change(connection, steps, joined)
    for step in steps:
        write(line_of(step.change))


async def _change(connection: Connection, steps: Sequence[plan.Step], joined: list[str]) -> None:
    """Run the statements of steps as a member of roles."""
    async with connection.transaction():
        await _run(connection, plan.join_statements(joined))
        for step in steps:
            await _run(connection, step.statements)
        await _run(connection, plan.leave_statements(joined))


async def _run(connection: Connection, statements: Sequence[str]) -> None:
    import asyncpg

    for statement in statements:
        try:
            await connection.execute(statement)
        except asyncpg.PostgresError as error:
            raise explained_statement(error, statement) from error


@asynccontextmanager
async def _connected(server: Server, database: str, write: WriteLine) -> AsyncIterator[Connection]:
    connection = await server.connect(database, write)
    try:
        yield connection
    finally:
        await connection.close()
