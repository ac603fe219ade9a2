"""An object in Prefect that a project or a backup describes. Carried into the network by the setup program."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from installer.jsontypes import Json

Kind = Literal[
    "work pool",
    "block type",
    "variable",
    "block",
    "concurrency limit",
    "work queue",
    "deployment",
    "schedule",
    "automation",
]
"""Kinds of objects in Prefect. A project describes no work pools and block types: those are in backups only."""
KINDS: Final[tuple[Kind, ...]] = (
    "variable",
    "block",
    "concurrency limit",
    "work queue",
    "deployment",
    "schedule",
    "automation",
)
"""Kinds that a project describes, in the order in which they are created; they are removed in the opposite one."""


@dataclass(frozen=True)
class FlowObject:
    """A wanted object.

    Attributes:
        kind: Kind of object.
        name: Identifies it among those of its kind: "flow/deployment", "flow/deployment#slug" of a schedule, "pool/queue",
            "type/name" of a block, else its name in Prefect.
        fields: Its fields with the names of the Prefect API.

    """

    kind: Kind
    name: str
    fields: Mapping[str, Json]

    @property
    def key(self) -> str:
        """Kind and name."""
        return f"{self.kind} {self.name}"
