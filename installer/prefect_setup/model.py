"""What shall exist in Prefect, as plain frozen data: comparable, and written as JSON for the program that applies it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from pydantic import TypeAdapter

from installer.jsontypes import Json


@dataclass(frozen=True)
class WorkPool:
    """A work pool. `defaults` are the values that variables of its base job template start with."""

    name: str
    type: Literal["process", "kubernetes"]
    description: str
    concurrency_limit: int
    defaults: Mapping[str, str | Mapping[str, str]]


@dataclass(frozen=True)
class WorkQueue:
    """A queue of a work pool."""

    name: str
    description: str


@dataclass(frozen=True)
class Variable:
    """A variable that flows read."""

    name: str
    value: Mapping[str, str]
    tags: tuple[str, ...]


@dataclass(frozen=True)
class Block:
    """A block document.

    type: slug of its type. values: its own fields. references: fields that are other blocks, named "type/name".
    """

    type: str
    name: str
    values: Mapping[str, str]
    references: Mapping[str, str]

    @property
    def key(self) -> str:
        """How other blocks refer to it."""
        return f"{self.type}/{self.name}"


@dataclass(frozen=True)
class Environment:
    """Everything of one environment. Blocks stand after those that they refer to.

    flows: the folder of the flows, as the workers see it.
    """

    name: str
    pool: WorkPool
    queue: WorkQueue
    variable: Variable
    blocks: tuple[Block, ...]
    flows: str


@dataclass(frozen=True)
class Estate:
    """Everything that shall exist. `project` is the folder with prefect.yaml, "" for that which the program brings along."""

    environments: tuple[Environment, ...]
    project: str = ""

    def to_json(self) -> dict[str, Json]:
        """Plain JSON, for the child process and for comparing."""
        plain: dict[str, Json] = ESTATE.dump_python(self, mode="json")
        return plain

    @classmethod
    def from_json(cls, document: Json) -> "Estate":
        """The estate of such JSON. Raises pydantic's ValidationError when it is none."""
        return ESTATE.validate_python(document)


ESTATE: Final = TypeAdapter(Estate)
