"""An installation as the questions see it: its answers, reads of Azure, and what its run has recorded."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from installer.preflight.reads import resource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from installer.estate.parameters.context import Installation
    from installer.estate.parameters.images import ImageUse
    from installer.estate.resources import Planned
    from installer.jsontypes import Json
    from installer.planning.model import Plan
    from installer.preflight.reads import Request
    from installer.preflight.subject import Subject


CLUSTERS: Final = "Microsoft.ContainerService/managedClusters"
IN_PROGRESS: Final = "in progress"


@dataclass(frozen=True)
class Drift:
    """The plan of the answers as they are.

    Attributes:
        plan: What a run would change.
        sent_as_now: Keys of the stages whose last deployment has sent what a run would send now: what differs was changed by others.

    """

    plan: Plan
    sent_as_now: frozenset[str]


@dataclass(frozen=True)
class Observed:
    """Input of a question.

    Attributes:
        subject: Answers and reads, as checks have them.
        run: Name of the run.
        state: State of the run, IN_PROGRESS while a process works on it.
        drift: Makes the plan. Queries Azure.
        rotation: Secret and environment of a rotation that has begun and not ended, None without one.
        addresses: Addresses by their name, as the run has found them.
        accepted: Time of the last acceptance run that has passed, in seconds since the epoch, by environment; None if its result is
            not known, as where a rehearsal assumes it.
        image_sources: Source of each image that a run would provide now.
        operation: Command that continues another operation that has begun and not ended, "" without one.

    """

    subject: Subject
    run: str
    state: str
    drift: Callable[[], Drift]
    rotation: tuple[str, str] | None = None
    addresses: Mapping[str, str] = field(default_factory=dict)
    accepted: Mapping[str, float | None] = field(default_factory=dict)
    image_sources: Mapping[ImageUse, str] = field(default_factory=dict)
    operation: str = ""

    @property
    def it(self) -> Installation:
        """The installation."""
        return self.subject.it

    def planned(self, *types: str) -> Iterator[Planned]:
        """Its planned resources of some types."""
        wanted = {one.lower() for one in types}
        return (one for one in self.subject.planned if one.type.lower() in wanted)

    def ahead(self, *types: str) -> None:
        """Read resources of some types, which will be needed, side by side."""
        self.subject.arm.ahead(_request(one) for one in self.planned(*types))

    def read(self, one: Planned) -> dict[str, Json] | None:
        """A resource, None if it does not exist. Raises NotVisible."""
        return self.subject.arm.find(_request(one))

    def environment_of(self, resource_id: str) -> str:
        """The environment whose resource group has a resource, "" if all share it."""
        path = resource_id.lower()
        for name in self.it.environments:
            groups = (self.it.names.group(name), self.it.names.managed_group(name), self.it.names.apps_group(name))
            if any(f"/resourcegroups/{group.lower()}/" in f"{path}/" for group in groups):
                return name
        return ""


def _request(one: Planned) -> Request:
    return resource(f"{one.id}?api-version={one.api_version}", one.shown)
