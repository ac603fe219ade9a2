"""Azure Monitor takes rows of tables (Logs ingestion API) and custom metrics.

Sources: learn.microsoft.com/azure/azure-monitor/logs/logs-ingestion-api-overview (rows), …/metrics/metrics-store-custom-rest-api
(metrics: audience, region, age, dimensions, role); the codes of refused metrics are assumed. Both need a role with the data
action on the rule or the resource: Monitoring Metrics Publisher.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

from installer.emulator.data_plane.hosts import RULE_TYPE
from installer.emulator.data_plane.json_service import json_answer, json_value
from installer.emulator.data_plane.requests import ServiceError, is_for
from installer.emulator.errors import ArmError
from installer.emulator.providers.clouds import in_cloud
from installer.emulator.providers.private_link_scopes import check_ingestion
from installer.emulator.state.telemetry import Telemetry
from installer.json_access import JsonObject, as_list, as_object, as_text, member, objects_of
from installer.resource_id import normalised_location

if TYPE_CHECKING:
    from starlette.responses import Response

    from installer.emulator.data_plane.requests import DataRequest
    from installer.emulator.state.resources import Resource
    from installer.jsontypes import Json

_ROWS: Final = re.compile(
    r"/dataCollectionRules/(?P<rule>[\w-]{1,64})/streams/(?P<stream>[\w.-]{1,128})", re.IGNORECASE
)
_WRITE_ROWS: Final = "Microsoft.Insights/Telemetry/Write"
_WRITE_METRICS: Final = "Microsoft.Insights/Metrics/Write"
_METRICS_AUDIENCES: Final = {
    "public": "https://monitoring.azure.com",
    "china": "https://monitoring.azure.cn",
}
_MAX_ROWS: Final = 1 << 20
_OLDEST, _NEWEST = 20 * 60, 5 * 60
_MAX_DIMENSIONS: Final = 10


async def take_rows(request: DataRequest, place: Resource) -> Response:
    """Rows of a stream, through a data collection rule."""
    audience = as_text(in_cloud(request.emulator.directory.cloud, "https://monitor.azure.com"))
    claims = _claims(request, audience)
    found = _ROWS.fullmatch(request.path)
    if found is None or request.method != "POST":
        raise ServiceError(404, "NotFound", f"Nothing answers to {request.method} at '{request.path}'.")
    number = found["rule"].lower()
    every = request.emulator.resources.of_type(RULE_TYPE)
    rule = next((one for one in every if as_text(member(one.computed, "properties", "immutableId")) == number), None)
    if rule is None:
        raise ServiceError(404, "NotFound", f"Data collection rule with immutable Id '{number}' not found.")
    if place.type == RULE_TYPE and place.key != rule.key:
        raise ServiceError(404, "NotFound", f"The endpoint belongs to another rule than '{number}'.")
    context = request.emulator.provider_context(rule)
    if not _may(request, claims, _WRITE_ROWS, rule):
        text = (
            "The authentication token provided does not have access to ingest data for the data collection rule with "
            f"immutable Id '{number}'."
        )
        raise ServiceError(403, "OperationFailed", text)
    flows = as_list(member(rule.desired, "properties", "dataFlows"))
    if found["stream"] not in {name for flow in flows for name in as_list(member(flow, "streams"))}:
        raise ServiceError(
            400, "InvalidStream", f"Stream '{found['stream']}' was not found in the data collection rule."
        )
    try:
        check_ingestion(context.resources, rule)
    except ArmError as problem:
        raise ServiceError(problem.status, problem.code, problem.message) from None
    rows = await json_value(request, _MAX_ROWS)
    if not isinstance(rows, list) or any(not isinstance(row, dict) for row in rows):
        raise ServiceError(400, "InvalidPayload", "The payload has to be an array of rows.")
    columns = objects_of(member(rule.desired, "properties", "streamDeclarations", found["stream"], "columns"))
    names = {as_text(column.get("name")) for column in columns}
    kept: list[JsonObject] = [{name: row[name] for name in row if name in names} for row in objects_of(rows)]
    Telemetry(request.emulator.database).add_rows(rule.key, found["stream"], kept, request.emulator.clock.now())
    return json_answer(204)


async def take_metric(request: DataRequest, region: str) -> Response:
    """A custom metric of a resource in the region of the endpoint."""
    claims = _claims(request, _METRICS_AUDIENCES.get(request.emulator.directory.cloud, ""))
    where, _, last = request.path.rstrip("/").rpartition("/")
    resource = request.emulator.resources.get(where)
    if request.method != "POST" or last.lower() != "metrics":
        raise ServiceError(404, "NotFound", f"Nothing answers to {request.method} at '{request.path}'.")
    if resource is None:
        raise ServiceError(404, "ResourceNotFound", f"The resource '{where}' was not found.")
    if normalised_location(resource.location) != region:
        text = (
            f"The resource is in {resource.location}: its metrics go to the endpoint of that region, not of {region}."
        )
        raise ServiceError(400, "BadRequest", text)
    if not _may(request, claims, _WRITE_METRICS, resource):
        who = as_text(claims.get("oid"))
        text = f"The principal '{who}' does not have permission to perform '{_WRITE_METRICS}' on '{resource.id}'."
        raise ServiceError(403, "Forbidden", text)
    body = as_object(await json_value(request))
    now = request.emulator.clock.now()
    metric = _checked(body, now)
    Telemetry(request.emulator.database).add_metric(resource.key, metric, now)
    return json_answer(200, {})


def _claims(request: DataRequest, audience: str) -> JsonObject:
    claims = request.claims()
    if claims is None or not is_for(claims, (audience,)):
        text = "The token has no valid audience." if claims else "The request has no valid bearer token."
        raise ServiceError(401, "InvalidTokenError" if claims else "Unauthorized", f"{text} It has to be {audience}.")
    return claims


def _may(request: DataRequest, claims: JsonObject, action: str, resource: Resource) -> bool:
    return replace(request, resource=resource).holds(claims, action, resource.id)


def _checked(body: JsonObject, now: float) -> JsonObject:
    """The metric in a body. Raises ServiceError for what the service does not take."""
    base = as_object(member(body, "data", "baseData"))
    names, series = as_list(base.get("dimNames")), objects_of(base.get("series"))
    try:
        moment = datetime.fromisoformat(as_text(body.get("time"))).timestamp()
    except ValueError:
        raise ServiceError(400, "BadRequest", "time has to be in ISO 8601 format.") from None
    if not now - _OLDEST <= moment <= now + _NEWEST:
        raise ServiceError(400, "BadRequest", "time has to be within the last 20 and the next 5 minutes.")
    if not as_text(base.get("metric")) or not as_text(base.get("namespace")) or not series:
        raise ServiceError(400, "BadRequest", "metric, namespace and series are required.")
    if len(names) > _MAX_DIMENSIONS:
        raise ServiceError(400, "BadRequest", f"A metric has at most {_MAX_DIMENSIONS} dimensions.")
    points: list[Json] = []
    for one in series:
        values = as_list(one.get("dimValues"))
        if len(values) != len(names) or any(not as_text(value) for value in values):
            raise ServiceError(400, "BadRequest", "Each series needs a value for each dimension.")
        numbers = {name: one.get(name) for name in ("min", "max", "sum", "count")}
        if any(not isinstance(number, int | float) or isinstance(number, bool) for number in numbers.values()):
            raise ServiceError(400, "BadRequest", "Each series needs min, max, sum and count.")
        points.append({"dimensions": dict(zip(map(as_text, names), values, strict=True)), **numbers})
    return {
        "namespace": as_text(base.get("namespace")),
        "metric": as_text(base.get("metric")),
        "time": moment,
        "series": points,
    }


def refused(_request: DataRequest, problem: ServiceError) -> Response:
    """An error of Azure Monitor."""
    return json_answer(problem.status, {"error": {"code": problem.code, "message": problem.message}}, problem.headers)


def common_headers(request: DataRequest) -> dict[str, str]:
    """Headers of every response."""
    return {"x-ms-request-id": request.request_id}
