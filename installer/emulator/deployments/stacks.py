"""Deployment stacks: deployments that track their resources, and delete or detach those no longer in the template."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from installer.emulator.clock import period
from installer.emulator.errors import ArmError, error_object
from installer.emulator.governance import locks
from installer.emulator.providers.durations import length_of
from installer.emulator.state.resources import Resource
from installer.json_access import JsonObject, as_list, as_object, as_text, member
from installer.resource_id import GROUP_TYPE, parse_id

if TYPE_CHECKING:
    from installer.emulator.core import Emulator
    from installer.emulator.deployments.engine import Engine
    from installer.emulator.deployments.request import DeploymentRequest
    from installer.emulator.state.deployments import Deployment
    from installer.jsontypes import Json

STACK_TYPE = "Microsoft.Resources/deploymentStacks"
DELETION = "stackdeletion"
TERMINAL = {"succeeded", "failed", "canceled"}
_KEPT = ("actionOnUnmanage", "denySettings", "description", "deploymentScope", "bypassStackOutOfSyncError")
_DELETE = "delete"
_MAX_STEM = 40


def stack_id(scope_id: str, name: str) -> str:
    """The id of a stack."""
    return f"{scope_id}/providers/{STACK_TYPE}/{name}"


def deployment_name(stack: str) -> str:
    """A new name for a stack's deployment."""
    return f"{stack[:_MAX_STEM]}-{uuid.uuid4().hex[:20]}"


def managed(stack: Resource) -> list[str]:
    """The ids of the resources that a stack manages."""
    return [as_text(member(item, "id")) for item in as_list(member(stack.computed, "properties", "resources"))]


class Stacks:
    """Creates, follows and deletes stacks."""

    def __init__(self, emulator: Emulator, engine: Engine) -> None:
        self._world = emulator
        self._engine = engine

    def submit(
        self, where: str, body: JsonObject, proposal: DeploymentRequest, api_version: str, correlation_id: str
    ) -> bool:
        """Start to create or update the stack with the id `where`. Returns whether it is new; ArmError where ARM refuses."""
        before = self._world.resources.get(where)
        if before is not None and before.state not in TERMINAL:
            raise ArmError(
                409,
                "DeploymentStackInNonTerminalState",
                f"The deployment stack '{where}' is in the state '{before.state}' and cannot be changed until it is over.",
            )
        locks.check(self._world.resources, where, "write")
        deployment, _ = self._engine.accept(proposal, correlation_id)
        requested = as_object(body.get("properties"))
        properties: JsonObject = {name: requested[name] for name in _KEPT if requested.get(name) is not None}
        properties["parameters"] = proposal.safe_parameters
        desired: JsonObject = {"properties": properties}
        desired |= {name: body[name] for name in ("location", "tags") if body.get(name) is not None}
        moment = self._world.clock.now()
        state: JsonObject = {
            "deploymentId": deployment.id,
            "correlationId": correlation_id,
            "resources": as_list(member(before.computed, "properties", "resources")) if before else [],
        }
        stack = Resource(
            id=where,
            type=STACK_TYPE,
            name=where.rsplit("/", 1)[-1],
            api_version=api_version,
            state="deploying",
            created=before.created if before else moment,
            changed=moment,
            desired=desired,
            computed={"properties": state},
        )
        self._world.resources.save(stack)
        self._engine.spawn(self._follow(stack))
        return before is None

    def delete(self, stack: Resource, actions: JsonObject) -> str:
        """Start to delete a stack, and its resources according to `actions`. Returns the id of the job to poll."""
        locks.check(self._world.resources, stack.id, "delete")
        as_object(stack.desired["properties"])["actionOnUnmanage"] = actions
        stack.state = "deleting"
        with self._world.database.transaction():
            self._world.resources.save(stack)
            job = self._world.jobs.begin(DELETION, stack.id, self._world.clock.now(), 200)
        self._engine.spawn(self._delete_managed(stack, job.id))
        return job.id

    def resume(self) -> None:
        """Resume every stack operation that was in progress when the server stopped."""
        jobs = {job.subject.lower(): job.id for job in self._world.jobs.unfinished(DELETION)}
        for stack in self._world.resources.of_type(STACK_TYPE):
            if stack.key in jobs:
                self._engine.spawn(self._delete_managed(stack, jobs[stack.key]))
            elif stack.state not in TERMINAL:
                self._engine.spawn(self._follow(stack))

    async def _follow(self, stack: Resource) -> None:
        """Wait for the stack's deployment, then delete or detach resources that it no longer contains."""
        state = as_object(stack.computed["properties"])
        deployment = await self._engine.wait_until_ended(as_text(state["deploymentId"]))
        if deployment is None or deployment.state != "Succeeded":
            self._failed(stack, state, deployment)
            return
        names = [as_text(member(item, "id")) for item in deployment.output_resources or []]
        present = {name.lower() for name in names}
        gone = [name for name in managed(stack) if name.lower() not in present]
        if deployment.outputs is not None:
            state["outputs"] = deployment.outputs
        if gone:
            stack.state = "deletingResources"
            self._world.resources.save(stack)
        await self._unmanage(stack, gone)
        # Written last: a server that dies earlier still knows which resources to remove.
        state["resources"] = [_managed(stack, name) for name in names]
        self._close(stack, "failed" if state.get("failedResources") else "succeeded")

    def _failed(self, stack: Resource, state: JsonObject, deployment: Deployment | None) -> None:
        details: list[Json] = [deployment.error] if deployment is not None and deployment.error else []
        state["error"] = error_object(
            "DeploymentStackDeploymentFailed",
            f"One or more resources could not be deployed. Correlation id: '{as_text(state['correlationId'])}'.",
            details=details,
        )
        self._close(stack, "canceled" if deployment is not None and deployment.state == "Canceled" else "failed")

    def _close(self, stack: Resource, state: str) -> None:
        moment = self._world.clock.now()
        as_object(stack.computed["properties"])["duration"] = period(moment - stack.changed)
        stack.state = state
        self._world.resources.save(stack)

    async def _delete_managed(self, stack: Resource, job_id: str) -> None:
        await self._unmanage(stack, managed(stack))
        failed = bool(member(stack.computed, "properties", "failedResources"))
        with self._world.database.transaction():
            if failed:
                self._close(stack, "failed")
            else:
                self._world.resources.remove(stack.id)
            self._world.jobs.finish(job_id)

    async def _unmanage(self, stack: Resource, names: list[str]) -> None:
        """Delete or detach resources, and record the result of each in the stack."""
        state = as_object(stack.computed["properties"])
        going, detached, failed, longest = [], [], [], 0.0
        for name in names:
            resource = self._world.resources.get(name)
            if resource is None:
                continue
            if not _to_delete(stack, resource):
                detached.append(name)
                continue
            try:
                locks.check(self._world.resources, name, "delete")
            except ArmError as refusal:
                failed.append({"id": name, "error": refusal.error()})
                continue
            resource.state = "Deleting"
            self._world.resources.save(resource)
            longest = max(longest, length_of(resource.type, resource.id, "delete"))
            going.append(name)
        await self._world.clock.until(self._world.clock.now() + self._world.real_seconds(longest))
        with self._world.database.transaction():
            for name in going:
                self._world.remove(name)
                self._world.deployments.remove_under(name)
        for member_name, found in (
            ("deletedResources", [{"id": name} for name in going]),
            ("detachedResources", [{"id": name} for name in detached]),
            ("failedResources", failed),
        ):
            state[member_name] = [*found]


def _managed(stack: Resource, name: str) -> JsonObject:
    parsed = parse_id(name)
    mode = as_text(member(stack.desired, "properties", "denySettings", "mode"), "none")
    return {"id": name, "type": parsed.type if parsed else "", "status": "managed", "denyStatus": mode}


def _to_delete(stack: Resource, resource: Resource) -> bool:
    kind = "resourceGroups" if resource.type.lower() == GROUP_TYPE.lower() else "resources"
    return as_text(member(stack.desired, "properties", "actionOnUnmanage", kind)).lower() == _DELETE
