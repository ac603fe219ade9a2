"""The interface between objects of clusters and Container Apps and the host that runs their containers.

The default host runs nothing: containers count as ready, and jobs succeed when their duration has passed. A server that
may start processes installs another host (`hosted_by`).
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True)
class ServiceAccount:
    """The service account of a pod that acts as a managed identity.

    Attributes:
        issuer: Issuer of its tokens, which is the cluster.
        subject: Subject of its tokens.
        client_id: Client ID of the managed identity.

    """

    issuer: str
    subject: str
    client_id: str


@dataclass(frozen=True)
class ClusterAccess:
    """Access of a pod with the token of its service account to the API server of its cluster.

    Attributes:
        path: Path of the API server at the endpoint of the embedded Azure.
        subject: The service account.

    """

    path: str
    subject: str


@dataclass(frozen=True)
class Container:
    """A container to run.

    Attributes:
        image: The image reference.
        command: The command with its arguments.
        settings: Environment variables with plain values.
        secrets: Version of a secret of a key vault by environment variable.
        account: The service account of its pod, if that acts as a managed identity.
        identities: Resource IDs of the managed identities of its container app or job.
        access: Access to the cluster of its pod.
        files: Version of a secret of a key vault by the path of the file that has its value.
        names: Names in DNS at which it is called.
        port: Port at which it is called, 0 for none.
        ends_tls: Whether TLS of its callers ends in front of it.
        replicas: How many of it are kept running.
        retries: How often a container that runs once is started again after a failure.
        deadline: Seconds after which a container that runs once is ended.
        revision: Differs for each version of the template that the container is from.

    """

    image: str
    command: tuple[str, ...]
    settings: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    account: ServiceAccount | None = None
    identities: tuple[str, ...] = ()
    access: ClusterAccess | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    port: int = 0
    ends_tls: bool = False
    replicas: int = 1
    retries: int = 0
    deadline: float | None = None
    revision: str = ""


@dataclass(frozen=True)
class Ended:
    """The result of a finished run.

    Attributes:
        code: Its exit code.
        attempts: How often it was started.
        late: Whether its deadline ended it.
        started: Time of its last start, in seconds since the epoch.
        ended: Time of its end.

    """

    code: int
    attempts: int = field(default=1, compare=False)
    late: bool = field(default=False, compare=False)
    started: float = field(default=0.0, compare=False)
    ended: float = field(default=0.0, compare=False)


@dataclass(frozen=True)
class LocalAddress:
    """Where a workload is on this machine.

    Attributes:
        port: Port on loopback.
        ends_tls: Whether TLS of its callers ends in front of it.

    """

    port: int
    ends_tls: bool


class WorkloadHost(Protocol):
    """Runs containers; `where` is the id of the object that a container belongs to."""

    def keep(self, where: str, container: Container) -> None:
        """Keeps a container running from now on."""

    def run(self, where: str, container: Container) -> None:
        """Starts a container that runs once."""

    def end(self, where: str) -> None:
        """Stops the container."""

    def ready_replicas(self, where: str, wanted: int) -> int:
        """How many replicas of a container that is kept running respond."""

    def outcome(self, where: str, *, over: bool) -> Ended | None:
        """The result of a container that runs once, None while it runs; `over`: its usual duration has passed."""

    def log(self, where: str) -> str:
        """The output of the container."""

    def addresses(self) -> dict[str, str]:
        """URL of the UI of each Prefect server that runs, by the first of its names."""

    def at(self, name: str, port: int) -> LocalAddress | None:
        """The workload with a name in DNS and a port, None if there is none."""

    def assumptions(self) -> list[str]:
        """Results that are assumed because this machine cannot run their programs, in one line each."""

    def keep_image(self, digest: str, files: Mapping[str, bytes]) -> None:
        """Keeps the files of an image that was built."""

    def stay(self) -> None:
        """Leaves the processes running when the installer ends."""

    @property
    def stays(self) -> bool:
        """Whether they are left running."""


class NoWorkloadHost:
    """Runs nothing, and logs so."""

    def keep(self, where: str, container: Container) -> None:
        """Does nothing."""

    def run(self, where: str, container: Container) -> None:
        """Does nothing."""

    def end(self, where: str) -> None:
        """Does nothing."""

    def ready_replicas(self, where: str, wanted: int) -> int:  # noqa: ARG002  the protocol's
        """All."""
        return wanted

    def outcome(self, where: str, *, over: bool) -> Ended | None:  # noqa: ARG002  the protocol's
        """Success, as soon as the usual duration has passed."""
        return Ended(0) if over else None

    def log(self, where: str) -> str:  # noqa: ARG002  the protocol's
        """A line that states that nothing was run."""
        return "rehearsal: nothing was run\n"

    def addresses(self) -> dict[str, str]:
        """None."""
        return {}

    def at(self, name: str, port: int) -> LocalAddress | None:  # noqa: ARG002  the protocol's
        """None."""
        return None

    def assumptions(self) -> list[str]:
        """Nothing: it was to run nothing."""
        return []

    def keep_image(self, digest: str, files: Mapping[str, bytes]) -> None:
        """Does nothing."""

    def stay(self) -> None:
        """Does nothing."""

    @property
    def stays(self) -> bool:
        """Nothing runs."""
        return False


_HOSTS: Final[list[WorkloadHost]] = [NoWorkloadHost()]


def host() -> WorkloadHost:
    """The current host of containers."""
    return _HOSTS[-1]


@contextmanager
def hosted_by(own: WorkloadHost) -> Iterator[None]:
    """Installs a host of containers for the duration of the block."""
    _HOSTS.append(own)
    try:
        yield
    finally:
        _HOSTS.remove(own)
