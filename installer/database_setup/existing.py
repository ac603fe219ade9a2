"""Databases of a server as they are, as frozen data."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class UserFacts:
    """Privileges of a role in a database.

    Attributes:
        uses_schema: Whether it may use the schema public.
        default_tables: Its privileges on tables that the owner of the database will create.
        default_sequences: The same for sequences.
        lacking_tables: Quoted names of tables of the owner on which it lacks a privilege.
        lacking_sequences: The same for sequences.
        has_workspace: Whether it may create tables in the schema of acceptance runs.

    """

    uses_schema: bool
    default_tables: frozenset[str] = frozenset()
    default_sequences: frozenset[str] = frozenset()
    lacking_tables: tuple[str, ...] = ()
    lacking_sequences: tuple[str, ...] = ()
    has_workspace: bool = False


@dataclass(frozen=True)
class Entrance:
    """A database from the outside.

    Attributes:
        owner: Role that owns it.
        open: Whether the administrator may connect to it.
        acts: Whether the administrator may act as its owner, without a further grant.

    """

    owner: str
    open: bool
    acts: bool


@dataclass(frozen=True)
class DatabaseFacts:
    """A database as it is.

    Attributes:
        owner: Role that owns it.
        open: Whether all roles may connect to it.
        connects: Roles with an explicit privilege to connect.
        extensions: Installed extensions.
        schema_open: Whether all roles may create objects in the schema public.
        owner_creates: Whether the wanted owner may create objects in the schema public.
        users: Privileges of the wanted users.
        acts_as: Roles that the administrator may act as, without a further grant.

    """

    owner: str
    open: bool
    connects: frozenset[str]
    extensions: frozenset[str]
    schema_open: bool
    owner_creates: bool
    users: Mapping[str, UserFacts]
    acts_as: frozenset[str]
