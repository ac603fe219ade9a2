"""What runs in clusters and Container Apps: the seam between their objects and whatever really runs their containers.

By itself nothing runs: what is kept running counts as ready, and jobs succeed when their time is over. A server that may
start processes puts somebody who does in that place (`hosted_by`).
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True)
class Container:
    """What a container runs: its image, its whole command, plain settings, and the names of those from a vault."""

    image: str
    command: tuple[str, ...]
    settings: Mapping[str, str] = field(default_factory=dict)
    hidden: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ended:
    """How something that was run to its end has ended."""

    code: int


class WorkloadHost(Protocol):
    """Whoever runs containers. `where` is the id of what they belong to."""

    def keep(self, where: str, container: Container) -> None:
        """Have it running from now on."""

    def run(self, where: str, container: Container) -> None:
        """Run it once, from now on."""

    def end(self, where: str) -> None:
        """Have it running no more."""

    def ready(self, where: str) -> bool:
        """Whether what is kept running answers."""

    def outcome(self, where: str, *, over: bool) -> Ended | None:
        """How what was run once has ended; None while it runs. `over`: its usual time has passed."""

    def log(self, where: str) -> str:
        """What it has printed."""

    def address(self) -> str:
        """Where people look at Prefect; "" where it does not run."""

    def stay(self) -> None:
        """Leave what runs running when the server ends."""


class NoWorkloadHost:
    """Runs nothing, and says so."""

    def keep(self, where: str, container: Container) -> None:
        """Nothing runs."""

    def run(self, where: str, container: Container) -> None:
        """Nothing runs."""

    def end(self, where: str) -> None:
        """Nothing runs."""

    def ready(self, where: str) -> bool:  # noqa: ARG002  the protocol's
        """As if it did."""
        return True

    def outcome(self, where: str, *, over: bool) -> Ended | None:  # noqa: ARG002  the protocol's
        """Well, as soon as its usual time has passed."""
        return Ended(0) if over else None

    def log(self, where: str) -> str:  # noqa: ARG002  the protocol's
        """So that nobody takes it for more."""
        return "rehearsal: nothing was run\n"

    def address(self) -> str:
        """Nowhere."""
        return ""

    def stay(self) -> None:
        """Nothing runs."""


_HOSTS: Final[list[WorkloadHost]] = [NoWorkloadHost()]


def host() -> WorkloadHost:
    """Whoever runs containers now."""
    return _HOSTS[-1]


@contextmanager
def hosted_by(own: WorkloadHost) -> Iterator[None]:
    """Have somebody run them for a while."""
    _HOSTS.append(own)
    try:
        yield
    finally:
        _HOSTS.remove(own)
