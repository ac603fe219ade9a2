"""Executions of Container Apps jobs: started on demand, ended after their duration, kept for queries."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from installer.emulator.clock import instant
from installer.emulator.ids import derived_hex
from installer.emulator.providers.app_containers import first_container
from installer.emulator.providers.kubernetes.workloads import host
from installer.emulator.providers.provider import ProviderContext, ProviderHooks
from installer.emulator.state.resources import Resource
from installer.json_access import JsonObject, as_object, member

if TYPE_CHECKING:
    from installer.jsontypes import Json

EXECUTION_TYPE = "Microsoft.App/jobs/executions"


def start(context: ProviderContext, body: JsonObject) -> Json:
    """Starts an execution with the job's template, or with the one in the body; returns its id and name."""
    name = f"{context.leaf}-{derived_hex(f'{context.id}@{context.now}', str(uuid.uuid4()), 7)}"
    execution_id = f"{context.id}/executions/{name}"
    template = body if "containers" in body else as_object(member(context.properties, "template"))
    execution = Resource(
        id=execution_id,
        type=EXECUTION_TYPE,
        name=name,
        api_version=context.resource.api_version,
        state="Succeeded",
        created=context.now,
        changed=context.now,
        ends=context.now + context.duration_of("jobExecution"),
        desired={"properties": {"startTime": instant(context.now), "template": template}},
    )
    context.resources.save(execution)
    host().run(execution_id, first_container(context, template))
    return {"id": execution_id, "name": name}


def stop(context: ProviderContext, _body: JsonObject) -> Json:
    """Stops every running execution of a job."""
    for execution in context.resources.children(f"{context.id}/executions", EXECUTION_TYPE):
        if (execution.ends or 0) > context.now:
            execution.ends, execution.changed, execution.state = context.now, context.now, "Canceled"
            context.resources.save(execution)
            host().end(execution.id)
    return None


def _shown(context: ProviderContext) -> JsonObject:
    """The current status of an execution."""
    ends = context.resource.ends
    if context.resource.state == "Canceled":
        return {"properties": {"status": "Stopped", "endTime": instant(ends or context.resource.changed)}}
    ended = host().outcome(context.id, over=ends is None or ends <= context.now)
    if ended is None:
        return {"properties": {"status": "Running"}}
    status = "Succeeded" if ended.code == 0 else "Failed"
    return {"properties": {"status": status, "endTime": instant(ends or context.resource.changed)}}


EXECUTION = ProviderHooks(display=_shown, immediate=True)
