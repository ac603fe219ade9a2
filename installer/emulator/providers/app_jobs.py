"""Executions of Container Apps jobs: started by hand, over after a while, and to be looked up until then and after."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from installer.emulator.clock import instant
from installer.emulator.ids import derived_hex
from installer.emulator.providers.kubernetes.pods import container_in
from installer.emulator.providers.kubernetes.workloads import host
from installer.emulator.providers.provider import ProviderContext, ProviderHooks
from installer.emulator.state.resources import Resource
from installer.json_access import JsonObject, as_list, as_object, member

if TYPE_CHECKING:
    from installer.jsontypes import Json

EXECUTION_TYPE = "Microsoft.App/jobs/executions"


def start(context: ProviderContext, body: JsonObject) -> Json:
    """Begin an execution, with the job's own template or with the one sent; its id and name."""
    name = f"{context.leaf}-{derived_hex(f'{context.id}@{context.now}', str(uuid.uuid4()), 7)}"
    where = f"{context.id}/executions/{name}"
    template = body if "containers" in body else as_object(member(context.properties, "template"))
    execution = Resource(
        id=where,
        type=EXECUTION_TYPE,
        name=name,
        api_version=context.resource.api_version,
        state="Succeeded",
        created=context.now,
        changed=context.now,
        ends=context.now + context.lasting("jobExecution"),
        desired={"properties": {"startTime": instant(context.now), "template": template}},
    )
    context.resources.save(execution)
    first = as_object(next(iter(as_list(template.get("containers"))), {}))
    host().run(where, container_in(first))
    return {"id": where, "name": name}


def stop(context: ProviderContext, _body: JsonObject) -> Json:
    """End every execution of a job that is still running."""
    for execution in context.resources.children(f"{context.id}/executions", EXECUTION_TYPE):
        if (execution.ends or 0) > context.now:
            execution.ends, execution.changed, execution.state = context.now, context.now, "Canceled"
            context.resources.save(execution)
            host().end(execution.id)
    return None


def _shown(context: ProviderContext) -> JsonObject:
    """How an execution stands by now."""
    ends = context.resource.ends
    if context.resource.state == "Canceled":
        return {"properties": {"status": "Stopped", "endTime": instant(ends or context.resource.changed)}}
    ended = host().outcome(context.id, over=ends is None or ends <= context.now)
    if ended is None:
        return {"properties": {"status": "Running"}}
    word = "Succeeded" if ended.code == 0 else "Failed"
    return {"properties": {"status": word, "endTime": instant(ends or context.resource.changed)}}


EXECUTION = ProviderHooks(display=_shown, immediate=True)
