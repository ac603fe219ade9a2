"""The plan of a restore: what is created beside the running server, what it has and does not have, and what is in the way. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from installer.invocation import command as typed
from installer.preflight.model import blocking
from installer.preflight.moments import shown_moment
from installer.resource_id import name_of

if TYPE_CHECKING:
    from installer.json_access import JsonObject
    from installer.jsontypes import Json
    from installer.operations.recovery.database_server import DatabaseServer
    from installer.preflight.model import Finding, NotChecked


ENDPOINTS: Final = "Microsoft.Network/privateEndpoints"


def instant(moment: float) -> str:
    """A moment as Azure accepts it, RFC 3339: github.com/hashicorp/terraform-provider-azurerm/issues/18082."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True)
class Write:
    """A resource that is written.

    Attributes:
        id: Its ID.
        type: Its type.
        version: API version.
        body: The request.

    """

    id: str
    type: str
    version: str
    body: JsonObject

    @property
    def path(self) -> str:
        """Path of the request."""
        return f"{self.id}?api-version={self.version}"


@dataclass(frozen=True)
class RestorePlan:
    """A restore of a server to a point in time.

    Attributes:
        source: The running server, which is not changed.
        environment: The environment that was named.
        at: The point in time, in seconds since the epoch.
        earliest: Earliest point in time that Azure offers.
        latest: Latest one: the time of the plan.
        server: The new server.
        settings: Settings that a restore does not take over, in the order in which they are written.
        endpoints: Its private endpoint and the DNS zone group of that; empty without one.
        proof: Whether the new server is compared and deleted, and the result recorded.
        findings: What is in the way: nothing is written while a finding blocks.
        not_checked: What could not be read.

    """

    source: DatabaseServer
    environment: str
    at: float
    earliest: float
    latest: float
    server: Write
    settings: tuple[Write, ...]
    endpoints: tuple[Write, ...]
    proof: bool
    findings: tuple[Finding, ...] = ()
    not_checked: tuple[NotChecked, ...] = ()

    @property
    def name(self) -> str:
        """Name of the new server."""
        return name_of(self.server.id)

    @property
    def blocks(self) -> bool:
        """Whether something is in the way."""
        return blocking(self.findings)

    @property
    def missing(self) -> tuple[str, ...]:
        """Parts that the new server does not have, a sentence for each."""
        lost = [f"changes after {shown_moment(self.at)}: they are only in {self.source.name}, which keeps running"]
        if self.source.is_highly_available:
            lost.append("high availability: Azure restores a single server")
        lost.append("its diagnostic setting, alert rules and locks: those are of the running server")
        return tuple(lost)

    @property
    def next_steps(self) -> tuple[str, ...]:
        """Work with the new server that is left to the user."""
        if self.proof:
            return ()
        return (
            f"compare: connect from inside the network as one of the administrators; its databases are those of {self.source.name}",
            "take data over: pg_dump the tables that were lost from it, and pg_restore them into the running server",
            f"or use it in place of {self.source.name}: {typed(f'restore postgres --env {self.environment} --switch')}",
            f"delete it when it is no longer needed: {typed(f'restore postgres --env {self.environment} --remove {self.name}')}",
        )

    def as_json(self) -> dict[str, Json]:
        """The plan in JSON."""
        return {
            "environment": self.environment,
            "source": self.source.id,
            "server": self.server.id,
            "at": shown_moment(self.at),
            "earliest": shown_moment(self.earliest),
            "latest": shown_moment(self.latest),
            "databases": list(self.source.databases),
            "environments": list(self.source.environments),
            "writes": [{"id": one.id, "type": one.type} for one in (self.server, *self.settings, *self.endpoints)],
            "proof": self.proof,
            "missing": list(self.missing),
            "nextSteps": list(self.next_steps),
            "findings": [one.as_json() for one in self.findings],
            "notChecked": [one.sentence for one in self.not_checked],
        }
