"""Executes a plan: ready nodes run at once, nested deployments run inside their parent.

Moments are logical: a resource starts exactly when its last dependency ended, however late the event loop noticed. So a
deployment takes exactly its critical path, and after downtime of the server the state is what Azure would have reached
meanwhile. Every step is committed before the next one starts.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from installer.arm_templates import TemplateError
from installer.emulator.deployments import errors, records
from installer.emulator.deployments.resources import ReadyNode, ResourceWriter
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
    """The result of one node, and the moment of its end."""

    ok: bool
    moment: float


async def _reached(future: asyncio.Future[Outcome]) -> Outcome:
    # Most are done already; the shield keeps the cancellation of one waiter from cancelling the others.
    return future.result() if future.done() else await asyncio.shield(future)


@dataclass
class DeploymentExecution:
    """A deployment in progress; `earlier` holds the operations from before a restart, by node."""

    deployment: Deployment
    plan: Plan
    secrecy: SecureValues
    earlier: dict[str, Operation] = field(default_factory=dict)
    outcomes: dict[str, asyncio.Future[Outcome]] = field(default_factory=dict)


class DeploymentExecutor:
    """Executes deployments; `active` holds those in progress by deployment key, nested ones included."""

    def __init__(self, emulator: Emulator, work: ResourceWriter) -> None:
        self._world = emulator
        self._work = work
        self.active: dict[str, DeploymentExecution] = {}

    async def execute(self, run: DeploymentExecution) -> Outcome:
        """Execute all nodes of a plan and close the record."""
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
        """Cancel a deployment and those nested in it; providers finish what they have started."""
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
                outcome = await self._resource(run, ReadyNode(node, moment, after))
        except asyncio.CancelledError:
            future.cancel()
            raise
        future.set_result(outcome)

    async def _resource(self, run: DeploymentExecution, ready: ReadyNode) -> Outcome:
        node, moment = ready.node, ready.moment
        earlier = run.earlier.get(node.key)
        if earlier is not None and earlier.finished:
            return Outcome(earlier.state == "Succeeded", earlier.ends)
        await self._world.clock.until(moment)
        await self._work.limiter.admit()
        if not run.deployment.active:
            return Outcome(ok=False, moment=run.deployment.changed)
        try:
            if node.is_deployment:
                return await self._nested(run, ready, earlier)
            if earlier is not None:
                operation = await self._work.finish(earlier)
            else:
                operation = await self._work.write(run.deployment, ready, run.secrecy)
        except sqlite3.Error:
            raise  # the state cannot be written, so neither can the failure
        except Exception as problem:  # noqa: BLE001 - one resource fails, the server continues
            if not isinstance(problem, errors.EXPECTED):
                _LOG.exception("%s failed because of an internal error of the emulator", node.id)
            operation = self._work.fail(run.deployment, ready, run.secrecy, problem)
        return Outcome(operation.state == "Succeeded", operation.ends)

    async def _nested(self, run: DeploymentExecution, ready: ReadyNode, earlier: Operation | None) -> Outcome:
        node = ready.node
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
            child, operation = self._open(run, ready, plan, template)
        outcome = await self.execute(child)
        if not operation.finished:
            self._work.closed(operation, child.deployment)
        return outcome

    def _open(
        self, run: DeploymentExecution, ready: ReadyNode, plan: Plan, sent: JsonObject
    ) -> tuple[DeploymentExecution, Operation]:
        node, moment = ready.node, ready.moment
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
        operation = self._work.opened(run.deployment, ready)
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
            deployment.error = errors.output_failed(problem, run.secrecy, self._work.runtime.shown.detail(problem))
            return
        deployment.state = "Succeeded"
        deployment.output_resources = self._output_resources(run.plan, operations)
        submission = self._world.deployments.submission(deployment.id)
        if outputs or (submission is not None and "outputs" in submission.template):
            deployment.outputs = records.outputs_of(outputs, run.secrecy)
        if outputs:
            self._world.deployments.save_operation(self._work.evaluated(deployment, moment))

    def _output_resources(self, plan: Plan, operations: list[Operation]) -> list[Json]:
        """The ids of all deployed resources in template order; a nested deployment is replaced by its resources."""
        deployed: list[Json] = []
        order = {node.key: place for place, node in enumerate(plan.resources)}
        for operation in sorted(operations, key=lambda item: order.get(item.node, len(order))):
            target = as_text(member(operation.target, "id"))
            nested = self._world.deployments.get(target)
            deployed += [{"id": target}] if nested is None else nested.output_resources or []
        return deployed
