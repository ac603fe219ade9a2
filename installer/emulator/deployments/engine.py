"""The deployments in progress: accepts, cancels and resumes them after a restart."""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
from typing import TYPE_CHECKING

from installer.emulator.deployments import errors, records
from installer.emulator.deployments.executor import DeploymentExecution, DeploymentExecutor
from installer.emulator.deployments.group_deletion import blocked
from installer.emulator.deployments.policy_deployments import PolicyDeployments
from installer.emulator.deployments.request import context_of, expanded, scope_of
from installer.emulator.deployments.resources import ResourceWriter
from installer.emulator.deployments.runtime import LiveRuntime
from installer.emulator.deployments.secure_values import SecureValueLostError, SecureValues, resolved
from installer.emulator.errors import ArmError
from installer.emulator.state.deployments import Deployment, Submission
from installer.json_access import as_object, as_text, member

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from installer.emulator.core import Emulator
    from installer.emulator.deployments.request import DeploymentRequest
    from installer.emulator.state.deployments import Operation
    from installer.emulator.state.jobs import Job

STATE_LOST = 74
GROUP_DELETION = "resourcegroupdeletion"
DELETIONS = (GROUP_DELETION, "resourcedeletion")
_LOG = logging.getLogger(__name__)


class Engine:
    """Starts deployments and owns their tasks."""

    def __init__(self, emulator: Emulator) -> None:
        self._world = emulator
        self.runtime = LiveRuntime(emulator)
        self.work = ResourceWriter(emulator, self.runtime)
        self._runner = DeploymentExecutor(emulator, self.work)
        self._tasks: set[asyncio.Task[object]] = set()
        self._runs: dict[str, asyncio.Task[object]] = {}
        self.policy_deployments = PolicyDeployments(emulator, self)
        self.work.written = self.policy_deployments.after_write

    def accept(self, proposal: DeploymentRequest, correlation_id: str) -> tuple[Deployment, bool]:
        """Start a deployment. Returns its record and whether the name is new; ArmError where ARM refuses."""
        before = self._world.deployments.get(proposal.id)
        errors.check_replacement(proposal.name, proposal.location, before)
        self._world.faults.refuse_deployment("deployment", proposal.id, proposal.location)
        secrecy = SecureValues()
        secrecy.learn(proposal.plan, proposal.template)
        deployment = records.new_record(
            plan=proposal.plan,
            deployment_id=proposal.id,
            template=proposal.template,
            secrecy=secrecy,
            started=self._world.clock.now(),
            correlation_id=correlation_id,
            tags=proposal.tags,
            mode=proposal.mode,
        )
        submission = Submission(proposal.template, proposal.safe_parameters, proposal.withheld)
        self._world.deployments.submit(deployment, submission)
        self._runs[deployment.key] = self.spawn(
            self._runner.execute(DeploymentExecution(deployment, proposal.plan, secrecy))
        )
        return deployment, before is None

    def cancel(self, deployment: Deployment) -> None:
        """Cancel a deployment; providers finish what they have started. ArmError 409 when it has ended."""
        run = self._runner.active.get(deployment.key)
        if run is None or not run.deployment.active:
            raise errors.not_cancellable(deployment)
        with self._world.database.transaction():
            self._runner.cancel(run, self._world.clock.now())

    def resume(self) -> None:
        """Resume all operations that were in progress when the server stopped."""
        running = self._world.deployments.running_operations()
        followed = {as_text(member(operation.target, "id")).lower() for operation in running}
        for deployment in self._world.deployments.unfinished():
            try:
                self._runs[deployment.key] = self.spawn(self._runner.execute(self._restored(deployment)))
            except (ArmError, SecureValueLostError) as problem:
                _, deployment.error = errors.failure_of(problem, SecureValues())
                deployment.state = "Failed"
                deployment.changed = self._world.clock.now()
                self._world.deployments.save(deployment)
        for operation in running:
            deployment_of = self._world.deployments.get(operation.deployment)
            if deployment_of is not None and not deployment_of.active:
                self._settle(operation)
        for job in self._world.jobs.unfinished(*DELETIONS):
            self.spawn(self.delete_later(job))
        self.policy_deployments.resume()
        for resource in self._world.resources.unfinished():
            if resource.key not in followed:
                self.spawn(self.work.complete(resource))

    def _settle(self, operation: Operation) -> None:
        """Finish an operation that was in progress in a cancelled deployment."""
        nested = self._world.deployments.get(as_text(member(operation.target, "id")))
        if nested is not None:
            self.work.closed(operation, nested)
        else:
            self.spawn(self.work.finish(operation))

    async def delete_later(self, job: Job) -> None:
        """Delete the subject of a deletion job, a resource or group, when the job is due."""
        await self._world.clock.until(job.ready)
        with self._world.database.transaction():
            group = self._world.resources.get(job.subject) if job.kind == GROUP_DELETION else None
            if group is not None and (refused := blocked(self._world, group)) is not None:
                group.state = "Succeeded"
                self._world.resources.save(group)
                self._world.jobs.fail(job.id, refused.status, refused.body())
                return
            self._world.remove(job.subject)
            self._world.deployments.remove_under(job.subject)
            self._world.jobs.finish(job.id)

    async def wait_until_ended(self, deployment_id: str) -> Deployment | None:
        """Wait until a top-level deployment has ended; its record, or None when it was deleted meanwhile."""
        running = self._runs.get(deployment_id.lower())
        if running is not None:
            await asyncio.wait([running])
        return self._world.deployments.get(deployment_id)

    def spawn(self, work: Coroutine[None, None, object]) -> asyncio.Task[object]:
        """Run work in the background; an exception in it is logged and affects nothing else."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._task_done)
        return task

    def _task_done(self, task: asyncio.Task[object]) -> None:
        self._tasks.discard(task)
        for key in [key for key, run in self._runs.items() if run is task]:
            del self._runs[key]
        if task.cancelled() or (fault := task.exception()) is None:
            return
        if isinstance(fault, sqlite3.Error):
            self._exit_without_state(fault)
        else:
            _LOG.error("Background work was dropped because of an internal error of the emulator", exc_info=fault)

    def _exit_without_state(self, fault: sqlite3.Error) -> None:
        """Exit as a killed process would: the next start finds the state as last written."""
        _LOG.critical("The state cannot be written (%s): the emulator exits now and continues at its next start", fault)
        os._exit(STATE_LOST)

    async def stop(self) -> None:
        """Cancel all tasks; their state is on disk already."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _restored(self, deployment: Deployment) -> DeploymentExecution:
        """A deployment from before a restart, rebuilt from its submission; placeholders replace lost secure values."""
        submission = self._world.deployments.submission(deployment.id)
        if submission is None:
            raise ArmError(404, "DeploymentNotFound", f"Deployment '{deployment.name}' could not be found.")
        secrecy = SecureValues()
        declared = {name.lower(): item for name, item in as_object(submission.template.get("parameters")).items()}
        parameters = dict(submission.parameters)
        for name in submission.withheld:
            parameters[name] = {"value": secrecy.placeholder(resolved(submission.template, declared.get(name.lower())))}
        scope = scope_of(deployment.scope, self._world.directory.tenant_id)
        context = context_of(self._world, scope, deployment.name, deployment.location)
        plan = expanded(submission.template, parameters, context, runtime=self.runtime)
        secrecy.learn(plan, submission.template)
        operations = {item.node: item for item in self._world.deployments.operations(deployment.key)}
        return DeploymentExecution(deployment, plan, secrecy, earlier=operations)
