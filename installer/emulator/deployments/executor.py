"""Carrying out a plan: what is ready runs at once, nested deployments run inside their parent.

Moments are logical: a resource begins exactly when the last of what it waits for ended, however late the event loop
noticed. So the whole takes its critical path and no more, and a server that was dead for a while finds the world as
Azure would have gone on without it. Every step is committed before the next begins.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from installer.arm_templates import TemplateError
from installer.emulator.deployments import errors, records
from installer.emulator.deployments.resources import ResourceWriter, Turn
from installer.emulator.state.deployments import Deployment, Operation, Submission
from installer.json_access import as_object, as_text, member

if TYPE_CHECKING:
    from installer.arm_templates import Node, Plan
    from installer.emulator.core import Emulator
    from installer.emulator.deployments.secure_values import SecureValues
    from installer.json_access import JsonObject
    from installer.jsontypes import Json

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outcome:
    """How one node ended, and when."""

    ok: bool
    moment: float


async def _reached(future: asyncio.Future[Outcome]) -> Outcome:
    # Most are over when they are asked after; the shield keeps one who is cancelled from cancelling the others.
    return future.result() if future.done() else await asyncio.shield(future)


@dataclass
class DeploymentExecution:
    """A deployment that is going on; `earlier` are the operations of before a restart, by node."""

    deployment: Deployment
    plan: Plan
    secrecy: SecureValues
    earlier: dict[str, Operation] = field(default_factory=dict)
    outcomes: dict[str, asyncio.Future[Outcome]] = field(default_factory=dict)


class DeploymentExecutor:
    """Executes runs; `active` holds those under way by deployment key, nested ones included."""

    def __init__(self, world: Emulator, work: ResourceWriter) -> None:
        self._world = world
        self._work = work
        self.active: dict[str, DeploymentExecution] = {}

    async def execute(self, run: DeploymentExecution) -> Outcome:
        """DeploymentExecution all nodes of a plan and close the record."""
        deployment = run.deployment
        if not deployment.active:
            return Outcome(deployment.state == "Succeeded", deployment.changed)
        self.active[deployment.key] = run
        try:
            if deployment.state == "Accepted":
                deployment.state = "Running"
                self._world.deployments.save(deployment)
            loop = asyncio.get_running_loop()
            run.outcomes = {node.key: loop.create_future() for node in run.plan.resources}
            await asyncio.gather(*(self._node(run, node) for node in run.plan.resources))
        finally:
            if self.active.get(deployment.key) is run:
                del self.active[deployment.key]
        moment = max([deployment.started, *(future.result().moment for future in run.outcomes.values())])
        if deployment.active:
            self._close(run, moment)
        return Outcome(deployment.state == "Succeeded", deployment.changed)

    def cancel(self, run: DeploymentExecution, moment: float) -> None:
        """Close a run and the nested ones in it; what providers are working on goes on."""
        run.deployment.state = "Canceled"
        run.deployment.changed = moment
        self._world.deployments.save(run.deployment)
        inside = {
            as_text(member(item.target, "id")).lower(): item
            for item in self._world.deployments.operations(run.deployment.key)
        }
        for other in list(self.active.values()):
            if other.deployment.parent == run.deployment.key and other.deployment.active:
                self.cancel(other, moment)
                self._work.closed(inside[other.deployment.key], other.deployment)

    async def _node(self, run: DeploymentExecution, node: Node) -> None:
        future = run.outcomes[node.key]
        try:
            waits = {key: await _reached(run.outcomes[key]) for key in node.depends_on if key in run.outcomes}
            after = max(waits, key=lambda key: waits[key].moment, default=None)
            moment = max(run.deployment.started, waits[after].moment) if after else run.deployment.started
            outcome = Outcome(all(wait.ok for wait in waits.values()), moment)
            if outcome.ok and not node.existing:
                outcome = await self._resource(run, Turn(node, moment, after))
        except asyncio.CancelledError:
            future.cancel()
            raise
        future.set_result(outcome)

    async def _resource(self, run: DeploymentExecution, turn: Turn) -> Outcome:
        node, moment = turn.node, turn.moment
        earlier = run.earlier.get(node.key)
        if earlier is not None and earlier.finished:
            return Outcome(earlier.state == "Succeeded", earlier.ends)
        await self._world.clock.until(moment)
        await self._work.turns.turn()
        if not run.deployment.active:
            return Outcome(ok=False, moment=run.deployment.changed)
        try:
            if node.is_deployment:
                return await self._nested(run, turn, earlier)
            if earlier is not None:
                operation = await self._work.go_on(earlier)
            else:
                operation = await self._work.make(run.deployment, turn, run.secrecy)
        except sqlite3.Error:
            raise  # nothing can be noted any more, not even that it failed
        except Exception as problem:  # noqa: BLE001 - one resource fails, the server goes on
            if not isinstance(problem, errors.EXPECTED):
                _LOG.exception("%s failed because of a fault of the embedded Azure itself", node.id)
            operation = self._work.fail(run.deployment, turn, run.secrecy, problem)
        return Outcome(operation.state == "Succeeded", operation.ends)

    async def _nested(self, run: DeploymentExecution, turn: Turn, earlier: Operation | None) -> Outcome:
        node = turn.node
        plan = run.plan.nested(node, self._work.runtime)
        template = as_object(member(node.body(None), "properties", "template"))
        run.secrecy.learn(plan, template)
        before = self._world.deployments.get(node.id)
        if earlier is not None and before is not None:
            operation = earlier
            operations = {item.node: item for item in self._world.deployments.operations(before.key)}
            child = DeploymentExecution(before, plan, run.secrecy, earlier=operations)
        else:
            errors.check_nested(self._world, node, plan, before)
            child, operation = self._open(run, turn, plan, template)
        outcome = await self.execute(child)
        if not operation.finished:
            self._work.closed(operation, child.deployment)
        return outcome

    def _open(
        self, run: DeploymentExecution, turn: Turn, plan: Plan, sent: JsonObject
    ) -> tuple[DeploymentExecution, Operation]:
        node, moment = turn.node, turn.moment
        template = as_object(run.secrecy.masked(sent))
        deployment = records.new_record(
            plan=plan,
            deployment_id=node.id,
            template=template,
            secrecy=run.secrecy,
            started=moment,
            correlation_id=run.deployment.correlation_id,
            parent=run.deployment.key,
        )
        operation = self._work.opened(run.deployment, turn)
        with self._world.database.transaction():
            self._world.deployments.submit(deployment, Submission(template, {}))
            self._world.deployments.save_operation(operation)
        return DeploymentExecution(deployment, plan, run.secrecy), operation

    def _close(self, run: DeploymentExecution, moment: float) -> None:
        deployment = run.deployment
        deployment.changed = moment
        operations = self._world.deployments.operations(deployment.key)
        failed = [item for item in operations if item.state in {"Failed", "Canceled"}]
        with self._world.database.transaction():
            if failed:
                deployment.state = "Failed"
                deployment.error = errors.deployment_failed(deployment, failed)
            else:
                self._succeed(run, operations, moment)
            self._world.deployments.save(deployment)

    def _succeed(self, run: DeploymentExecution, operations: list[Operation], moment: float) -> None:
        deployment = run.deployment
        try:
            outputs = run.plan.outputs(self._work.runtime)
            if any(str(member(entry, "type")).startswith("Secure") for entry in outputs.values()):
                self._work.runtime.keep_outputs(deployment.id, run.plan.outputs_with_secrets(self._work.runtime))
        except TemplateError as problem:
            deployment.state = "Failed"
            deployment.error = errors.output_failed(problem, run.secrecy)
            return
        deployment.state = "Succeeded"
        deployment.output_resources = self._made(run.plan, operations)
        submission = self._world.deployments.submission(deployment.id)
        if outputs or (submission is not None and "outputs" in submission.template):
            deployment.outputs = records.outputs_of(outputs, run.secrecy)
        if outputs:
            self._world.deployments.save_operation(self._work.evaluated(deployment, moment))

    def _made(self, plan: Plan, operations: list[Operation]) -> list[Json]:
        """The ids of everything deployed in template order, nested deployments replaced by what they deployed."""
        made: list[Json] = []
        order = {node.key: place for place, node in enumerate(plan.resources)}
        for operation in sorted(operations, key=lambda item: order.get(item.node, len(order))):
            target = as_text(member(operation.target, "id"))
            nested = self._world.deployments.get(target)
            made += [{"id": target}] if nested is None else nested.output_resources or []
        return made
