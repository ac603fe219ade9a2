"""Desired objects in Prefect as frozen data, serialized as JSON for the setup program."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from pydantic import JsonValue, TypeAdapter

from installer.jsontypes import Json


@dataclass(frozen=True)
class WorkPool:
    """A work pool.

    Attributes:
        defaults: Default values of variables in its base job template.
        pod: Pod template of its jobs, laid over that of Prefect; settings that no deployment can change.

    """

    name: str
    type: Literal["process", "kubernetes"]
    description: str
    concurrency_limit: int
    defaults: Mapping[str, str | int | Mapping[str, str]]
    pod: Mapping[str, JsonValue] = field(default_factory=dict)

    @property
    def record_name(self) -> str:
        """Name of the variable with its applied settings: lower-case letters, digits and underscores."""
        return f"{self.name.replace('-', '_')}_pool"


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

    Attributes:
        type: Slug of its block type.
        values: Plain fields.
        references: Fields with other blocks, as "type/name".

    """

    type: str
    name: str
    values: Mapping[str, str]
    references: Mapping[str, str]

    @property
    def key(self) -> str:
        """Its reference for other blocks."""
        return f"{self.type}/{self.name}"


@dataclass(frozen=True)
class Automation:
    """An automation; whether it is enabled is up to operators.

    Attributes:
        trigger: As in the Prefect API.
        actions: As in the Prefect API.

    """

    name: str
    description: str
    trigger: Mapping[str, JsonValue]
    actions: tuple[Mapping[str, JsonValue], ...]


@dataclass(frozen=True)
class Environment:
    """Objects of one environment. Blocks come after the blocks that they reference.

    Attributes:
        flows: Folder of the flows for a worker.

    """

    name: str
    pool: WorkPool
    queue: WorkQueue
    variable: Variable
    blocks: tuple[Block, ...]
    flows: str
    automations: tuple[Automation, ...] = ()


@dataclass(frozen=True)
class Estate:
    """All desired objects. `project` is the folder with prefect.yaml, "" for the one in the setup program."""

    environments: tuple[Environment, ...]
    project: str = ""

    def to_json(self) -> dict[str, Json]:
        """The estate as JSON."""
        plain: dict[str, Json] = ESTATE.dump_python(self, mode="json")
        return plain

    @classmethod
    def from_json(cls, document: Json) -> "Estate":
        """Parse an estate. Raises pydantic's ValidationError."""
        return ESTATE.validate_python(document)


ESTATE: Final = TypeAdapter(Estate)
