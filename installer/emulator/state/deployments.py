"""Deployments, their submissions and their operations."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from installer.emulator.state.database import Database, packed, unpacked
from installer.json_access import JsonObject, as_list, as_object, as_text

if TYPE_CHECKING:
    from installer.emulator.state.database import Value
    from installer.jsontypes import Json

TERMINAL = {"Succeeded", "Failed", "Canceled"}


@dataclass
class Deployment:
    """One deployment record; `serial` names this run of it (20 digits), moments are seconds since 1970."""

    id: str
    name: str
    scope: str
    location: str | None
    state: str
    started: float
    changed: float
    serial: str
    correlation_id: str
    template_hash: str
    mode: str = "Incremental"
    parent: str | None = None
    tags: JsonObject | None = None
    parameters: JsonObject = field(default_factory=dict)
    providers: list[Json] = field(default_factory=list)
    dependencies: list[Json] = field(default_factory=list)
    outputs: JsonObject | None = None
    output_resources: list[Json] | None = None
    error: JsonObject | None = None

    @property
    def key(self) -> str:
        """The lower-case id."""
        return self.id.lower()

    @property
    def active(self) -> bool:
        """Whether it is still in progress."""
        return self.state not in TERMINAL


@dataclass(frozen=True)
class Submission:
    """The template and parameters of a deployment; secure parameters are left out, `withheld` names them."""

    template: JsonObject
    parameters: JsonObject
    withheld: tuple[str, ...] = ()


@dataclass
class Operation:
    """One operation of a deployment on a resource.

    Attributes:
        serial: The deployment's `serial`; operations of a replaced or deleted run are not kept.
        seconds: Simulated duration, not yet divided by the speed.
        after: The node whose end it waited for last, None without dependencies.
        error: The error; set before it is visible where the resource will fail at the end of its duration.

    """

    deployment: str
    serial: str
    node: str
    operation_id: str
    state: str
    started: float
    ends: float
    seconds: float
    kind: str = "Create"
    status_code: str = "Created"
    tracking_id: str = ""
    target: JsonObject | None = None
    after: str | None = None
    error: JsonObject | None = None

    @property
    def finished(self) -> bool:
        """Whether it has reached a final state."""
        return self.state in TERMINAL


class Deployments:
    """The tables of deployments."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, deployment_id: str) -> Deployment | None:
        """One deployment by id, ignoring case."""
        found = self._database.row("SELECT data FROM deployments WHERE key = ?", deployment_id.lower())
        return _deployment(found[0]) if found else None

    def save(self, deployment: Deployment) -> None:
        """Insert or replace the record."""
        self._database.run(
            "INSERT OR REPLACE INTO deployments VALUES (?, ?, ?, ?, ?, ?)",
            deployment.key,
            deployment.scope.lower(),
            deployment.parent,
            deployment.serial,
            deployment.started,
            packed(_plain(deployment)),
        )

    def of_scope(self, scope: str) -> list[Deployment]:
        """The deployments of a scope, newest first."""
        return self._select("scope = ? ORDER BY started DESC, key", scope.lower())

    def top_level(self) -> list[Deployment]:
        """The deployments that a client sent, oldest first."""
        return self._select("parent IS NULL ORDER BY started, key")

    def unfinished(self) -> list[Deployment]:
        """The top-level deployments in progress."""
        return [item for item in self.top_level() if item.active]

    def remove(self, deployment_id: str) -> None:
        """Forget the record, its submission and its operations."""
        key = deployment_id.lower()
        with self._database.transaction():
            self._database.run("DELETE FROM deployments WHERE key = ?", key)
            self._database.run("DELETE FROM submissions WHERE deployment = ?", key)
            self._database.run("DELETE FROM operations WHERE deployment = ?", key)

    def remove_under(self, scope: str) -> None:
        """Forget the deployments of a group that was deleted."""
        for deployment in self.of_scope(scope):
            self.remove(deployment.id)

    def submit(self, deployment: Deployment, submission: Submission) -> None:
        """Begin a run: keep the record and what was sent, forget the operations of an earlier run."""
        with self._database.transaction():
            self._database.run("DELETE FROM operations WHERE deployment = ?", deployment.key)
            self._database.run(
                "INSERT OR REPLACE INTO submissions VALUES (?, ?, ?, ?)",
                deployment.key,
                packed(submission.template),
                packed(submission.parameters),
                packed(list(submission.withheld)),
            )
            self.save(deployment)

    def submission(self, deployment_id: str) -> Submission | None:
        """The submission of a deployment, None without one."""
        found = self._database.row(
            "SELECT template, parameters, withheld FROM submissions WHERE deployment = ?", deployment_id.lower()
        )
        if found is None:
            return None
        template, parameters, withheld = (unpacked(part) for part in found)
        names = tuple(as_text(name) for name in as_list(withheld))
        return Submission(as_object(template), as_object(parameters), names)

    def operations(self, deployment_id: str) -> list[Operation]:
        """The operations of a deployment in the order in which they began."""
        rows = self._database.rows(
            "SELECT data FROM operations WHERE deployment = ? ORDER BY started, node", deployment_id.lower()
        )
        return [Operation(**as_object(unpacked(row[0]))) for row in rows]  # type: ignore[arg-type]  # as saved

    def count_operations(self, deployment_id: str) -> int:
        """The number of operations of a deployment."""
        found = self._database.row("SELECT count(*) FROM operations WHERE deployment = ?", deployment_id.lower())
        return int(found[0] or 0) if found else 0

    def operations_from(self, deployment_id: str, start: int, count: int) -> list[Operation]:
        """Some of the operations of a deployment in the order in which they began."""
        rows = self._database.rows(
            "SELECT data FROM operations WHERE deployment = ? ORDER BY started, node LIMIT ? OFFSET ?",
            deployment_id.lower(),
            count,
            start,
        )
        return [Operation(**as_object(unpacked(row[0]))) for row in rows]  # type: ignore[arg-type]  # as saved

    def running_operations(self) -> list[Operation]:
        """The operations in progress, of all deployments."""
        rows = self._database.rows(
            "SELECT data FROM operations WHERE json_extract(data, '$.state') = 'Running' ORDER BY started, node"
        )
        return [Operation(**as_object(unpacked(row[0]))) for row in rows]  # type: ignore[arg-type]  # as saved

    def save_operation(self, operation: Operation) -> None:
        """Insert or replace an operation of the present run of its deployment."""
        self._database.run(
            "INSERT OR REPLACE INTO operations SELECT key, ?, ?, ? FROM deployments WHERE key = ? AND serial = ?",
            operation.node,
            operation.started,
            packed(_plain(operation)),
            operation.deployment,
            operation.serial,
        )

    def _select(self, condition: str, *values: Value) -> list[Deployment]:
        query = f"SELECT data FROM deployments WHERE {condition}"  # noqa: S608 - our own literals
        return [_deployment(row[0]) for row in self._database.rows(query, *values)]


def _plain(record: Deployment | Operation) -> Json:
    return dict(vars(record))  # the fields hold JSON only


def _deployment(text: Value) -> Deployment:
    return Deployment(**as_object(unpacked(text)))  # type: ignore[arg-type]  # written by `save`
