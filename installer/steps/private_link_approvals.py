"""Step: approves the private endpoint connections that Microsoft services request.

Front Door and some optional services reach private resources through endpoints in subscriptions of Microsoft. Such a
connection is pending at its target until an account with the right there approves it; Azure generates its name, so no
template can address it. FlowForge's connections are recognised by the request message of Front Door and by the name of
the optional service.
"""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from installer.cloud.errors import AzureRefused
from installer.cloud.rest import Service
from installer.engine.step import Context, Outputs
from installer.errors import VerificationFailed, WaitingForInput
from installer.estate import keys
from installer.estate.parameters.context import Installation
from installer.estate.parameters.ingress import origin_id, request_message
from installer.estate.parameters.integrations import connected_to_lake
from installer.estate.parameters.resource_ids import resource_id
from installer.jsontypes import Json
from installer.steps.polling import poll

POLL_SECONDS: Final = 10.0
TIMEOUT_SECONDS: Final = 600.0
"""Estimated: timeout for a request after its service was deployed, and for an approval to take effect."""
FORBIDDEN: Final = 403
_VERSIONS: Final = {
    "microsoft.web/sites": "2025-03-01",
    "microsoft.app/managedenvironments": "2025-07-01",
    "microsoft.storage/storageaccounts": "2025-06-01",
}
_APPROVED_BY: Final = "Approved by the FlowForge installer"


@dataclass(frozen=True)
class ExpectedConnection:
    """A connection to approve.

    Attributes:
        who: name of the requesting service.
        target: id of the resource that it connects to.
        sign: text that identifies the request.

    """

    who: str
    target: str
    sign: str

    @property
    def name(self) -> str:
        """Description for the user."""
        return f"{self.who} to {self.target.rsplit('/', 1)[-1]}"

    @property
    def path(self) -> str:
        """Request path that lists the connections of its target."""
        kind = "/".join(self.target.split("/")[6:8]).lower()
        return f"{self.target}/privateEndpointConnections?api-version={_VERSIONS[kind]}"


@dataclass(frozen=True)
class Connection:
    """A connection as its target shows it. `status` is Pending, Approved, Rejected or Disconnected."""

    id: str
    status: str
    description: str
    endpoint: str

    @classmethod
    def of(cls, raw: dict[str, Json]) -> "Connection":
        """Parse the JSON of ARM."""
        properties = _member(raw, "properties")
        state = _member(properties, "privateLinkServiceConnectionState")
        endpoint = _member(properties, "privateEndpoint")
        return cls(
            str(raw.get("id", "")),
            str(state.get("status", "")),
            str(state.get("description", "")),
            str(endpoint.get("id", "")),
        )

    def is_of(self, wanted: ExpectedConnection) -> bool:
        """Whether it is the wanted one: by its message, by the id of its endpoint, or by its name."""
        sign = re.compile(rf"(?<![\w-]){re.escape(wanted.sign)}(?![\w-])", re.IGNORECASE)
        return bool(
            sign.search(self.description) or sign.search(self.endpoint) or sign.match(self.id.rsplit("/", 1)[-1])
        )


def _member(raw: dict[str, Json], key: str) -> dict[str, Json]:
    found = raw.get(key)
    return found if isinstance(found, dict) else {}


def _pending(found: list[Connection]) -> list[Connection]:
    return [one for one in found if one.status == "Pending"]


def _approval_command(one: Connection, wanted: ExpectedConnection) -> str:
    """The command with which an administrator approves it."""
    description = one.description or _APPROVED_BY
    command = ("az", "network", "private-endpoint-connection", "approve", "--id", one.id, "--description", description)
    return f"{shlex.join(command)}   ({wanted.name})"


def connections_to_approve(it: Installation, environment: str) -> tuple[ExpectedConnection, ...]:
    """Connections to approve in an environment; empty if no Microsoft service connects from outside."""
    site = it.site(environment)
    found = []
    if it.answers.ingress.kind == "frontdoor":
        found.append(ExpectedConnection("Front Door", origin_id(it, site), request_message(it, environment)))
    group, account = it.names.group(environment), it.names.storage_account(environment)
    lake = resource_id(site.subscription, group, "Microsoft.Storage/storageAccounts", account)
    found += [ExpectedConnection(who, lake, name) for who, name in connected_to_lake(it, environment)]
    return tuple(found)


@dataclass(frozen=True)
class ApprovePrivateEndpoints:
    """Approves the pending connections of one environment."""

    arm: Service
    environment: str
    wanted: tuple[ExpectedConnection, ...]
    needs: tuple[str, ...]
    usual: ClassVar[float] = 30.0

    @property
    def key(self) -> str:
        """One for each environment."""
        return keys.approvals(self.environment)

    @property
    def title(self) -> str:
        """Title of the step."""
        return f"Private connections approved · {self.environment}"

    @property
    def usual_seconds(self) -> float:
        """Estimated."""
        return self.usual / self.arm.target.speed

    def _found(self, wanted: ExpectedConnection) -> list[Connection]:
        listed = self.arm.every(wanted.path, doing=f"private connections of {wanted.target}")
        return [one for one in map(Connection.of, listed) if one.is_of(wanted)]

    def check(self, context: Context) -> Outputs | None:  # noqa: ARG002  the same for every step
        """Done when every connection exists and is approved."""
        found = [self._found(wanted) for wanted in self.wanted]
        done = all(any(one.status == "Approved" for one in each) and not _pending(each) for each in found)
        return self._outputs(found) if done else None

    def apply(self, context: Context) -> Outputs:
        """Approve pending connections. Raises WaitingForInput if the account may not, or a connection was rejected."""
        context.remember("begun", name=self.key)
        found = []
        refused: list[str] = []
        for wanted in self.wanted:
            context.emit("resource.started", "waits for approval", resource=wanted.name, type="private connection")
            each = self._wait_for_requests(context, wanted)
            refused += [_approval_command(one, wanted) for one in _pending(each) if not self._approve(one, wanted)]
            if not refused:
                found.append(self._wait_for_approval(context, wanted))
                context.emit("resource.finished", "approved", resource=wanted.name, type="private connection")
        if refused:
            raise WaitingForInput(
                "private connections wait for approval, which this account is not allowed to give. Ask an administrator to run\n"
                + "\n".join(refused)
            )
        return self._outputs(found)

    def _wait_for_requests(self, context: Context, wanted: ExpectedConnection) -> list[Connection]:
        """Wait for the requests of the service, which arrive a while after its deployment."""
        for _ in self._poll(context):
            found = self._found(wanted)
            if found:
                return found
        raise VerificationFailed(f"no connection request from {wanted.who} has arrived at {wanted.target}")

    def _wait_for_approval(self, context: Context, wanted: ExpectedConnection) -> list[Connection]:
        for _ in self._poll(context):
            found = self._found(wanted)
            if any(one.status == "Approved" for one in found) and not _pending(found):
                return found
            if found and all(one.status in {"Rejected", "Disconnected"} for one in found):
                one = found[0]
                raise WaitingForInput(
                    f"the private connection of {wanted.name} was {one.status.lower()} ({one.description}). Ask its owner "
                    f"to approve it after all, or to delete it: {one.id}"
                )
        raise VerificationFailed(f"the private connection of {wanted.name} was approved but is still pending")

    def _poll(self, context: Context) -> Iterator[float]:
        return poll(context, interval=POLL_SECONDS, limit=TIMEOUT_SECONDS, speed=self.arm.target.speed)

    def _approve(self, one: Connection, wanted: ExpectedConnection) -> bool:
        """Approve a connection; returns whether the account may. The message is kept, as it identifies the connection."""
        state: dict[str, Json] = {"status": "Approved", "description": one.description or _APPROVED_BY}
        version = wanted.path.rpartition("?")[2]
        try:
            self.arm.ask(
                "PUT",
                f"{one.id}?{version}",
                {"properties": {"privateLinkServiceConnectionState": state}},
                doing=f"approve {wanted.name}",
            )
        except AzureRefused as error:
            if error.status != FORBIDDEN:
                raise
            return False
        return True

    def _outputs(self, found: list[list[Connection]]) -> Outputs:
        return {"approved": [one.id for each in found for one in each if one.status == "Approved"]}

    def verify(self, context: Context, outputs: Outputs) -> None:  # noqa: ARG002  the same for every step
        """Read the connections again."""
        if self.check(context) is None:
            raise VerificationFailed(f"not every private connection of {self.environment} is approved")
