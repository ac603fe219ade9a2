"""An object in Prefect that a project describes. Carried into the network by the setup program."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

from installer.jsontypes import Json

Kind = Literal["variable", "block", "concurrency limit", "work queue", "deployment", "schedule", "automation"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
"""In the order in which they are created; they are removed in the opposite one."""


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
