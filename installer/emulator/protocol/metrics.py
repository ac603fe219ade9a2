"""Custom metrics of a resource, read through Azure Resource Manager: learn.microsoft.com/rest/api/monitor/metrics/list.

Only metrics that were sent to this embedded Azure exist: those of the platform are not simulated.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from installer.emulator.errors import ArmError
from installer.emulator.protocol.request import ArmRequest, answer
from installer.emulator.protocol.routes import Route
from installer.emulator.state.telemetry import Telemetry
from installer.json_access import JsonObject, as_object, as_text, objects_of

if TYPE_CHECKING:
    from starlette.responses import Response

    from installer.jsontypes import Json

_CONDITION: Final = re.compile(r"\s*([\w ]{1,256}?) eq '([^']{0,256})'\s*")
_PATH: Final = "/providers/microsoft.insights/metrics"


async def _list(request: ArmRequest) -> Response:
    where = request.path[: -len(_PATH)]
    resource = request.emulator.resources.get(where)
    if resource is None:
        raise ArmError(404, "ResourceNotFound", f"The Resource '{where}' was not found.")
    namespace = request.query.get("metricnamespace", "")
    wanted = [name for name in request.query.get("metricnames", "").split(",") if name]
    conditions = _conditions(request.query.get("$filter", ""))
    received = [
        one
        for one in Telemetry(request.emulator.database).metrics(resource.key)
        if as_text(one["namespace"]).lower() == namespace.lower()
    ]
    known = {as_text(one["metric"]) for one in received}
    unknown = [name for name in wanted if name not in known]
    if unknown:
        text = (
            f"Failed to find metric configuration for provider: {namespace}, resource Type: {resource.type}, "
            f"metric: {unknown[0]}, Valid metrics: {','.join(sorted(known))}"
        )
        raise ArmError(400, "BadRequest", text, cause="service")
    value: list[Json] = [_metric(where, name, received, conditions) for name in wanted or sorted(known)]
    return answer(200, {"cost": 0, "interval": "PT1M", "namespace": namespace, "value": value})


def _conditions(text: str) -> dict[str, str]:
    """Value by dimension, "*" for any: `Run eq '1' and Hop eq '*'`."""
    found: dict[str, str] = {}
    for part in text.split(" and ") if text else ():
        condition = _CONDITION.fullmatch(part)
        if condition is None:
            raise ArmError(400, "BadRequest", f"The filter '{text}' is invalid.", cause="service")
        found[condition[1]] = condition[2]
    return found


def _metric(where: str, name: str, received: list[JsonObject], conditions: dict[str, str]) -> JsonObject:
    series: dict[tuple[str, ...], list[Json]] = {}
    for one in received:
        moment = one["time"]
        stamp = datetime.fromtimestamp(float(moment) if isinstance(moment, int | float) else 0, UTC)
        for point in objects_of(one["series"]) if one["metric"] == name else ():
            dimensions = {key: as_text(value) for key, value in as_object(point.get("dimensions")).items()}
            if all(value in {"*", dimensions.get(key)} for key, value in conditions.items()):
                shown: JsonObject = {"timeStamp": f"{stamp:%Y-%m-%dT%H:%M:00Z}"}
                shown |= {
                    "total": point["sum"],
                    "minimum": point["min"],
                    "maximum": point["max"],
                    "count": point["count"],
                }
                series.setdefault(tuple(dimensions.get(key, "") for key in conditions), []).append(shown)
    shown_series: list[Json] = []
    for values, data in series.items():
        pairs = zip(conditions, values, strict=True)
        metadata: list[Json] = [{"name": {"value": key, "localizedValue": key}, "value": value} for key, value in pairs]
        shown_series.append({"metadatavalues": metadata, "data": data})
    return {
        "id": f"{where}/providers/Microsoft.Insights/metrics/{name}",
        "type": "Microsoft.Insights/metrics",
        "name": {"value": name, "localizedValue": name},
        "unit": "Unspecified",
        "timeseries": shown_series,
        "errorCode": "Success",
    }


ROUTES = [Route(f"{{resource:path}}{_PATH}", {"GET": _list})]
