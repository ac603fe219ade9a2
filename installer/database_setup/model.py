"""Roles and databases of an environment as frozen data, serialized as JSON for the program."""

from dataclasses import dataclass
from typing import Final

from pydantic import TypeAdapter

from installer.jsontypes import Json


@dataclass(frozen=True)
class Role:
    """A role that a managed identity signs in as.

    Attributes:
        name: Name of the role, the same as that of the identity.
        object_id: Object ID of the identity in Entra.

    """

    name: str
    object_id: str


@dataclass(frozen=True)
class Database:
    """A database.

    Attributes:
        owner: Role that creates its tables.
        users: Roles that read and write all its tables.
        extensions: Extensions that it needs.

    """

    name: str
    owner: str
    users: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()


@dataclass(frozen=True)
class DatabaseOrder:
    """All desired roles and databases."""

    roles: tuple[Role, ...]
    databases: tuple[Database, ...]

    def to_json(self) -> dict[str, Json]:
        """The order as JSON."""
        plain: dict[str, Json] = _ORDER.dump_python(self, mode="json")
        return plain

    @classmethod
    def from_json(cls, document: Json) -> "DatabaseOrder":
        """Parse an order. Raises pydantic's ValidationError."""
        return _ORDER.validate_python(document)


_ORDER: Final = TypeAdapter(DatabaseOrder)
