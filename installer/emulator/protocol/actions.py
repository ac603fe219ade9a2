"""Actions of resources that take their time: commands in a cluster, image imports; and what is asked of a site."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.emulator.deployments.request import read_body
from installer.emulator.errors import ArmError
from installer.emulator.protocol.async_operations import job_started, signed
from installer.emulator.protocol.request import ArmRequest, answer
from installer.emulator.protocol.routes import Route
from installer.emulator.providers import registry
from installer.emulator.providers.durations import length_of_action
from installer.emulator.providers.roles import can
from installer.emulator.providers.web import REFERENCES
from installer.json_access import as_list, as_object, as_text, member
from installer.resource_id import parse_id

if TYPE_CHECKING:
    from starlette.responses import Response

    from installer.emulator.state.resources import Resource
    from installer.jsontypes import Json

_PAUSE = {"Retry-After": "2"}


def _owner(call: ArmRequest, below: int) -> Resource:
    """The resource that so many last segments of the path belong to."""
    call.subscription()
    resource_id = "/".join(call.path.split("/")[:-below])
    parsed = parse_id(resource_id)
    found = call.world.resources.get(parsed.id) if parsed else None
    if found is None:
        raise ArmError(404, "ResourceNotFound", f"The Resource '{resource_id}' was not found.")
    return found


async def _run_command(call: ArmRequest) -> Response:
    call.subscription(for_writing=True)
    cluster = _owner(call, 1)
    result = registry.act(call.world.provider_context(cluster), "runCommand", await call.body())
    path = f"{cluster.id}/commandResults/{as_text(member(result, 'id'))}"
    return answer(202, headers={"Location": signed(call, path), **_PAUSE})


async def _command_result(call: ArmRequest) -> Response:
    result = _owner_of_result(call)
    if (result.ends or 0) > call.world.clock.now():
        return answer(202, headers={"Location": signed(call, result.id), **_PAUSE})
    shown = as_object(call.world.view(result)["properties"])
    return answer(200, {"id": result.name, "properties": {**shown, "provisioningState": "Succeeded"}})


def _owner_of_result(call: ArmRequest) -> Resource:
    found = call.world.resources.get(call.path)
    call.subscription()
    if found is None:
        raise ArmError(404, "NotFound", "The command result could not be found.")
    return found


async def _import_image(call: ArmRequest) -> Response:
    call.subscription(for_writing=True)
    where = _owner(call, 1)
    registry.act(call.world.provider_context(where), "importImage", await call.body())
    ready = call.world.clock.now() + call.world.real_seconds(length_of_action("importImage"))
    job = call.world.jobs.begin("importimage", where.id, ready)
    call.world.jobs.finish(job.id)
    return job_started(call, job)


async def _references(call: ArmRequest) -> Response:
    return answer(200, registry.act(call.world.provider_context(_owner(call, 3)), REFERENCES, {}))


async def _settings(call: ArmRequest) -> Response:
    return answer(200, registry.act(call.world.provider_context(_owner(call, 3)), "config/appsettings/list", {}))


async def _ingest(call: ArmRequest) -> Response:
    """Rows for a table, through a data collection rule: only with a role on the rule that works by now."""
    number = call.parts["rule"].lower()
    rules = call.world.resources.of_type(_RULE_TYPE)
    rule = next((item for item in rules if member(item.computed, "properties", "immutableId") == number), None)
    if rule is None:
        text = f"Data collection rule with immutable Id '{number}' not found."
        raise ArmError(404, "NotFound", text, cause="service")
    if not can(call.world.provider_context(rule), as_text(call.claims.get("oid")), _TELEMETRY, rule.id, data=True):
        text = (
            "The authentication token provided does not have access to ingest data for the data collection rule with "
            f"immutable Id '{number}'."
        )
        raise ArmError(403, "OperationFailed", text, cause="service")
    streams = {stream for item in as_list(member(rule.desired, "properties", "dataFlows")) for stream in _streams(item)}
    if call.parts["stream"] not in streams:
        text = f"Stream '{call.parts['stream']}' was not found in the data collection rule."
        raise ArmError(400, "InvalidStream", text, cause="service")
    if not isinstance(read_body(await call.text()).value, list):
        raise ArmError(400, "InvalidPayload", "The payload has to be an array of rows.", cause="service")
    return answer(204)


def _streams(flow: Json) -> list[str]:
    return [as_text(item) for item in as_list(member(flow, "streams"))]


_RULE_TYPE = "Microsoft.Insights/dataCollectionRules"
_TELEMETRY = "Microsoft.Insights/Telemetry/Write"
_IN_GROUP = "/subscriptions/{subscription}/resourcegroups/{group}/providers"
_CLUSTER = f"{_IN_GROUP}/Microsoft.ContainerService/managedClusters/{{cluster}}"
_SITE = f"{_IN_GROUP}/Microsoft.Web/sites/{{site:path}}"
ROUTES = [
    Route(f"{_CLUSTER}/runCommand", {"POST": _run_command}),
    Route(f"{_CLUSTER}/commandResults/{{result}}", {"GET": _command_result}),
    Route(f"{_IN_GROUP}/Microsoft.ContainerRegistry/registries/{{registry}}/importImage", {"POST": _import_image}),
    Route("/dataCollectionRules/{rule}/streams/{stream}", {"POST": _ingest}),
    Route(f"{_SITE}/{REFERENCES}", {"GET": _references}),
    Route(f"{_SITE}/config/appsettings/list", {"POST": _settings}),
]
