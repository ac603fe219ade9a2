"""The environment for which a project is described."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from installer.flow_project.objects import FlowObject
from installer.jsontypes import Json

ENVIRONMENT_SETTING: Final = "FLOWFORGE_ENVIRONMENT"


@dataclass(frozen=True)
class Target:
    """An environment.

    Attributes:
        environment: Its name.
        pool: Its work pool.
        queue: Queue of the pool for deployments that name none.
        mark: Short hash of the files, the version of deployments that have none.
        image: Image of the flow runs; "" if it is not known yet, or where a worker runs them in its container.
        variables: Variables that the project describes for this environment, with their values.

    """

    environment: str
    pool: str
    queue: str = "default"
    mark: str = ""
    image: str = ""
    variables: Mapping[str, Json] = field(default_factory=dict)

    @property
    def settings(self) -> dict[str, str]:
        """Placeholders that are filled in."""
        return {ENVIRONMENT_SETTING: self.environment, "FLOWFORGE_VERSION": self.mark}


@dataclass
class Described:
    """Objects that a file describes, its problems, and notes about what is not used."""

    objects: list[FlowObject] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, one: FlowObject) -> None:
        """Add an object; a name that is used twice is a problem."""
        if any(other.key == one.key for other in self.objects):
            self.problems.append(f"{one.key} occurs twice")
        else:
            self.objects.append(one)
