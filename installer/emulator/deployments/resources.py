"""Writes one resource of a deployment, and the operation record for it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from installer.arm_templates import TemplateError
from installer.emulator.deployments import errors, records
from installer.emulator.deployments.fairness import RoundLimiter
from installer.emulator.deployments.secure_values import SecureValueLostError
from installer.emulator.errors import ArmError, error_object
from installer.emulator.governance import locks
from installer.emulator.providers import other_providers, registry
from installer.emulator.providers.durations import Change, length_of
from installer.emulator.providers.immutable import kept
from installer.emulator.providers.key_vault import keep_value
from installer.emulator.providers.linked_properties import check_linked_properties
from installer.emulator.providers.schema_errors import conforming
from installer.emulator.providers.versions import check_version
from installer.emulator.state.deployments import Deployment, Operation
from installer.emulator.state.resources import Resource
from installer.json_access import JsonObject, as_text, member, merged
from installer.resource_id import GROUP_TYPE, group_of, normalised_location, parse_id, subscription_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from installer.arm_templates import Node
    from installer.emulator.core import Emulator
    from installer.emulator.deployments.runtime import LiveRuntime
    from installer.emulator.deployments.secure_values import SecureValues

_FRAME = {"id", "name", "type", "apiversion", "dependson", "scope", "condition", "copy", "comments"}


@dataclass(frozen=True)
class ReadyNode:
    """A node whose dependencies are done: since when, and which of them finished last."""

    node: Node
    moment: float
    after: str | None = None


class ResourceWriter:
    """Writes resources and operations."""

    def __init__(self, emulator: Emulator, runtime: LiveRuntime) -> None:
        self._world = emulator
        self.runtime = runtime
        self.limiter = RoundLimiter()
        self.written: Callable[[Resource], None] = lambda _: None
        """Called with each resource that its provider has finished successfully."""

    async def write(self, deployment: Deployment, ready: ReadyNode, secrecy: SecureValues) -> Operation:
        """Write the resource of a node; raises what Azure would refuse."""
        node, moment = ready.node, ready.moment
        present = self._world.resources.get(node.id) if node.only_if_not_exists else None
        if present is not None and present.state != "Deleting":
            return self._skip_existing(deployment, ready)
        body = node.body(self.runtime)
        if secrecy.lost(body):
            raise SecureValueLostError
        body = conforming(node.type, node.api_version, node.id.rpartition("/")[2], body)
        resource, change = self.prepared(node.id, node.api_version, secrecy.without_secrets(body, node.type), moment)
        seconds = length_of(resource.type, resource.id, change)
        operation = self._operation(deployment, ready, seconds)
        operation.status_code = "Created" if change == "create" else "OK"
        begins = max(moment, resource.ends or 0)
        operation.ends = resource.ends = begins + self._world.real_seconds(seconds)
        if fault := self._world.faults.on_resource(resource, "hangs"):
            operation.ends = resource.ends = begins + fault.seconds
        elif fault := self._world.faults.on_resource(resource, "failed"):
            operation.error = self._world.faults.failure(fault, resource)
        with self._world.database.transaction():
            self._world.resources.save(resource)
            keep_value(self._world.secret_values, resource, body)
            self._world.deployments.save_operation(operation)
        return await self.finish(operation)

    def _skip_existing(self, deployment: Deployment, ready: ReadyNode) -> Operation:
        """The operation of an @onlyIfNotExists resource that exists already."""
        operation = self._operation(deployment, ready)
        operation.state, operation.status_code = "Succeeded", "OK"
        self._world.deployments.save_operation(operation)
        return operation

    async def finish(self, operation: Operation) -> Operation:
        """Wait until the provider has finished the resource, then close the operation."""
        resource = self._world.resources.get(as_text(member(operation.target, "id")))
        await self._world.clock.until(operation.ends)
        await self.limiter.admit()
        with self._world.database.transaction():
            if resource is not None:
                self._end(operation, resource)
                self._settle(resource.id, operation.ends, failed=operation.error is not None)
            operation.state = "Succeeded" if operation.error is None else "Failed"
            operation.status_code = operation.status_code if operation.error is None else "Conflict"
            self._world.deployments.save_operation(operation)
        return operation

    def _end(self, operation: Operation, resource: Resource) -> None:
        """Record the error of a provider that fails after accepting the request."""
        if operation.error is None and (refusal := registry.ending(self._world.provider_context(resource))) is not None:
            operation.error = error_object(
                "ResourceDeploymentFailure",
                "The resource write operation failed to complete successfully, because it reached terminal "
                "provisioning state 'Failed'.",
                resource.id,
                [refusal.error()],
            )

    async def complete(self, resource: Resource) -> None:
        """Wait until a resource without an active deployment is done."""
        moment = resource.ends or 0
        await self._world.clock.until(moment)
        with self._world.database.transaction():
            failed = registry.ending(self._world.provider_context(resource)) is not None
            self._settle(resource.id, moment, failed=failed)

    def prepared(self, resource_id: str, api_version: str, body: JsonObject, moment: float) -> tuple[Resource, Change]:
        """The requested resource after all checks of ARM and its provider, and the kind of change; not stored yet.

        While another operation on it is in progress, `ends` of the result is the end of that operation.
        """
        parsed = parse_id(resource_id)
        if parsed is None:
            raise ArmError(400, "InvalidResourceId", f"The resource id '{resource_id}' is not valid.")
        before = self._world.resources.get(parsed.id)
        desired: JsonObject = {
            name: value for name, value in body.items() if name.lower() not in _FRAME and value is not None
        }
        if "location" in desired:
            desired["location"] = normalised_location(as_text(desired["location"]))
        resource = Resource(
            id=before.id if before else parsed.id,
            type=parsed.type,
            name=parsed.names[-1],
            api_version=api_version,
            state="Updating" if before else "Creating",
            created=before.created if before else moment,
            changed=moment,
            ends=before.ends if before else None,
            desired=desired,
            computed=before.computed if before else {},
            internal=before.internal if before else {},
        )
        resource.desired = kept(resource, before)
        resource.desired = desired = merged(
            registry.retained(self._world.provider_context(resource, before)), resource.desired
        )
        check_version(parsed.type, api_version, resource.location)
        self._world.faults.refuse_resource(resource)
        self._check_place(resource, before)
        locks.check(self._world.resources, resource.id, "write")
        check_linked_properties(resource)
        self._world.access.check_write(resource)
        other_providers.check(self._world.registrations, resource, self._world.clock.now())
        resource.desired = desired = self._world.policies.applied(resource)
        registry.check(self._world.provider_context(resource, before))
        if before is None:
            return resource, "create"
        return resource, "unchanged" if before.desired == desired and not before.under_way else "update"

    def fail(self, deployment: Deployment, ready: ReadyNode, secrecy: SecureValues, problem: Exception) -> Operation:
        """Record that a node failed."""
        operation = self._operation(deployment, ready)
        operation.state = "Failed"
        detail = self.runtime.shown.detail(problem) if isinstance(problem, TemplateError) else None
        operation.status_code, operation.error = errors.failure_of(problem, secrecy, detail)
        self._world.deployments.save_operation(operation)
        return operation

    def opened(self, deployment: Deployment, ready: ReadyNode) -> Operation:
        """The operation of a nested deployment that has just started."""
        return self._operation(deployment, ready)

    def closed(self, operation: Operation, nested: Deployment) -> None:
        """Record the result of a nested deployment."""
        operation.state = nested.state
        operation.ends = nested.changed
        operation.status_code = "OK" if nested.state == "Succeeded" else "Conflict"
        operation.error = None if nested.state == "Succeeded" else errors.nested_failure(nested)
        self._world.deployments.save_operation(operation)

    def evaluated(self, deployment: Deployment, moment: float) -> Operation:
        """The last operation of a deployment with outputs."""
        return Operation(
            deployment=deployment.key,
            serial=deployment.serial,
            node="",
            operation_id=_operation_id(deployment, ""),
            state="Succeeded",
            started=moment,
            ends=moment,
            seconds=0,
            kind="EvaluateDeploymentOutput",
            status_code="OK",
            tracking_id=str(uuid.uuid4()),
        )

    def _settle(self, resource_id: str, moment: float, *, failed: bool = False) -> None:
        """Add the members that the provider computes, unless a later write or deletion replaced the resource."""
        resource = self._world.resources.get(resource_id)
        if resource is None or resource.ends is None or resource.ends > moment:
            return
        resource.ends = None
        resource.state = "Failed" if failed else "Succeeded"
        if failed:
            self._world.resources.save(resource)
            return
        context = self._world.provider_context(resource)
        resource.computed = registry.computed(context)
        self._world.resources.save(resource)
        registry.settle(context)
        self.written(resource)

    def _check_place(self, resource: Resource, before: Resource | None) -> None:
        subscription, group = subscription_of(resource.id), group_of(resource.id)
        if subscription and self._world.directory.subscription(subscription) is None:
            raise errors.subscription_not_found(subscription)
        if before is not None and before.location and resource.location not in {"", before.location}:
            raise errors.moved(resource, before)
        if group and resource.type.lower() != GROUP_TYPE.lower():
            home = self._world.resources.get(f"/subscriptions/{subscription}/resourceGroups/{group}")
            if home is None:
                raise ArmError(404, "ResourceGroupNotFound", f"Resource group '{group}' could not be found.")
            if home.state == "Deleting":
                raise errors.being_deleted(group)

    def _operation(self, deployment: Deployment, ready: ReadyNode, seconds: float = 0) -> Operation:
        node, moment = ready.node, ready.moment
        return Operation(
            deployment=deployment.key,
            serial=deployment.serial,
            node=node.key,
            operation_id=_operation_id(deployment, node.key),
            state="Running",
            started=moment,
            ends=moment,
            seconds=seconds,
            tracking_id=str(uuid.uuid4()),
            target=records.target_of(node),
            after=ready.after,
        )


def _operation_id(deployment: Deployment, node: str) -> str:
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{deployment.key}#{deployment.serial}#{node}").hex[:16].upper()
