"""Steps of a restore: the new server, what a restore does not take over, its endpoint, the comparison; for a proof its end.

Each asks Azure what exists, so that the same command continues. A proof deletes its server also when the comparison has failed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from installer.durations import usual_seconds
from installer.errors import VerificationFailed
from installer.json_access import as_list, as_text, member
from installer.operations.recovery.database_server import VERSION
from installer.operations.recovery.writing import is_done, state_of, written
from installer.operations.removal.deletion import Deletion
from installer.operations.removal.model import Item
from installer.operations.removal.steps import RemoveItems
from installer.preflight.moments import shown_moment
from installer.resource_id import name_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.cloud.rest import Service
    from installer.engine.step import Context, Outputs, Step
    from installer.jsontypes import Json
    from installer.operations.recovery.proof_record import Record
    from installer.operations.recovery.restore_model import RestorePlan, Write

SERVER: Final = "restore-server"
SETTINGS: Final = "restore-settings"
ENDPOINT: Final = "restore-endpoint"
COMPARE: Final = "restore-compare"
REMOVAL: Final = "restore-removal"
RESULT: Final = "restore-result"
_SAME: Final = (
    ("version", ("properties", "version")),
    ("size", ("sku", "name")),
    ("storage in GiB", ("properties", "storage", "storageSizeGB")),
    ("sign-in with Microsoft Entra ID", ("properties", "authConfig", "activeDirectoryAuth")),
    ("sign-in with a password", ("properties", "authConfig", "passwordAuth")),
    ("public network access", ("properties", "network", "publicNetworkAccess")),
)
"""Members that the new server has to share with the running one."""


@dataclass(frozen=True)
class WriteResources:
    """Writes resources one after another: a busy PostgreSQL server refuses a second change."""

    service: Service
    key: str
    title: str
    writes: tuple[Write, ...]
    needs: tuple[str, ...] = ()

    @property
    def usual_seconds(self) -> float:
        """By their types."""
        return sum(usual_seconds(one.type) for one in self.writes) / self.service.target.speed

    def check(self, context: Context) -> Outputs | None:  # noqa: ARG002  the same for every step
        """Done when all of them exist."""
        return {} if all(is_done(self.service, one) for one in self.writes) else None

    def apply(self, context: Context) -> Outputs:
        """Write those that do not."""
        for one in self.writes:
            if not is_done(self.service, one):
                written(self.service, context, one)
        return {}

    def verify(self, context: Context, outputs: Outputs) -> None:  # noqa: ARG002  the same for every step
        """Raises VerificationFailed for one that Azure does not show."""
        if missing := [name_of(one.id) for one in self.writes if not is_done(self.service, one)]:
            raise VerificationFailed(f"Azure does not show {', '.join(missing)}")


@dataclass(frozen=True)
class Compare:
    """Compares the new server with the running one, as Azure shows both."""

    service: Service
    plan: RestorePlan
    needs: tuple[str, ...]
    key: ClassVar[str] = COMPARE
    title: ClassVar[str] = "Compared with the running server"
    usual_seconds: ClassVar[float] = 5.0

    def check(self, context: Context) -> Outputs | None:  # noqa: ARG002  the same for every step
        """Never done before: apply reads again."""
        return None

    def apply(self, context: Context) -> Outputs:
        """Read both. Raises VerificationFailed with every difference."""
        problems = list(self._problems())
        if problems:
            raise VerificationFailed(f"{self.plan.name} differs: {'; '.join(problems)}")
        databases = ", ".join(self.plan.source.databases)
        proved = f"{self.plan.source.name} was restored to {shown_moment(self.plan.at)} with its databases {databases}"
        context.emit("log", proved)
        context.emit("not-checked", "tables and rows of the databases: no program connects to the new server")
        return {"compared": proved}

    def _problems(self) -> Iterator[str]:
        found = self.service.ask("GET", self.plan.server.path, doing=f"read {self.plan.name}").body
        if state := state_of(found):
            yield f"its state is {state}"
        for words, path in _SAME:
            here, there = member(self.plan.source.body, *path), member(found, *path)
            if here != there:
                yield f"its {words} is {there} instead of {here}"
        databases = self._names("databases")
        if lost := [name for name in self.plan.source.databases if name not in databases]:
            yield f"it has no database {', '.join(lost)}"
        administrators = {name.lower() for name in self._names("administrators")}
        for object_id, given in self.plan.source.administrators:
            if object_id.lower() not in administrators:
                yield f"{as_text(given.get('principalName'))} is no administrator of it"
        for one in self.plan.endpoints[:1]:
            endpoint = self.service.ask("GET", one.path, doing=f"read {name_of(one.id)}").body
            if "Approved" not in set(_connection_states(endpoint)):
                yield f"the connection of {name_of(one.id)} is not approved"

    def _names(self, kind: str) -> set[str]:
        path = f"{self.plan.server.id}/{kind}?api-version={VERSION}"
        return {as_text(one.get("name")) for one in self.service.every(path, doing=f"read the {kind}")}

    def verify(self, context: Context, outputs: Outputs) -> None:
        """The comparison is the verification."""


def _connection_states(endpoint: dict[str, Json]) -> Iterator[str]:
    """States of the connections of a private endpoint."""
    for kind in ("privateLinkServiceConnections", "manualPrivateLinkServiceConnections"):
        for one in as_list(member(endpoint, "properties", kind)):
            yield as_text(member(one, "properties", "privateLinkServiceConnectionState", "status"))


@dataclass(frozen=True)
class EndProof(RemoveItems):
    """Deletes the endpoint and the server of a proof, in this order, however the comparison has ended."""

    closes: ClassVar[bool] = True

    @property
    def usual_seconds(self) -> float:
        """Estimated."""
        return 60.0 / self.service.target.speed

    def apply(self, context: Context) -> Outputs:
        """Delete the endpoint, then the server."""
        for one in self.items:
            Deletion(self.service).delete(context, [one])
        return {}


def _end_of(plan: RestorePlan, service: Service, needs: tuple[str, ...]) -> EndProof:
    found = (*plan.endpoints[:1], plan.server)
    items = tuple(Item(one.id, one.type, one.version) for one in found)
    return EndProof(service, REMOVAL, "Server of the proof deleted", items, needs)


@dataclass(frozen=True)
class RecordProof:
    """Records in Azure that the restore was proved, where `status` finds it on every machine."""

    write: Record
    plan: RestorePlan
    needs: tuple[str, ...]
    compared: str = ""
    """Result of an earlier attempt."""
    key: ClassVar[str] = RESULT
    title: ClassVar[str] = "Proof recorded"
    usual_seconds: ClassVar[float] = 5.0

    def check(self, context: Context) -> Outputs | None:  # noqa: ARG002  the same for every step
        """Never done before: each proof has its time."""
        return None

    def apply(self, context: Context) -> Outputs:
        """Write the record."""
        text = self.compared or as_text(context.outputs.get(COMPARE, {}).get("compared"))
        self.write(context, {"server": self.plan.source.name, "at": shown_moment(self.plan.at), "proved": text})
        return {}

    def verify(self, context: Context, outputs: Outputs) -> None:
        """The outcome of the deployment is proof enough."""


def restore_steps(plan: RestorePlan, service: Service, record: Record, compared: str = "") -> tuple[Step, ...]:
    """The steps of a restore.

    Args:
        plan: The plan.
        service: Azure Resource Manager.
        record: Writes the result of a proof to Azure.
        compared: Result of the comparison in an earlier attempt of a proof, whose server may be deleted already.

    """
    if plan.proof and compared:
        return _end_of(plan, service, ()), RecordProof(record, plan, (REMOVAL,), compared)
    steps: list[Step] = [WriteResources(service, SERVER, f"Server restored · {plan.name}", (plan.server,))]
    if plan.settings:
        steps.append(WriteResources(service, SETTINGS, "Settings written again", plan.settings, (SERVER,)))
    if plan.endpoints:
        needs = tuple(step.key for step in steps)
        steps.append(WriteResources(service, ENDPOINT, "Private endpoint", plan.endpoints, needs))
    steps.append(Compare(service, plan, tuple(step.key for step in steps)))
    if plan.proof:
        steps.append(_end_of(plan, service, (COMPARE,)))
        steps.append(RecordProof(record, plan, (COMPARE, REMOVAL)))
    return tuple(steps)
