"""Microsoft.Insights: metrics of alert rules and categories of diagnostic settings, by the type of their resource."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from installer.emulator.errors import ArmError
from installer.emulator.providers.data_files import load
from installer.emulator.providers.provider import ProviderContext, ProviderHooks
from installer.json_access import JsonObject, as_list, as_object, as_text, member, objects_of
from installer.resource_id import parse_id

if TYPE_CHECKING:
    from collections.abc import Iterator

_GROUPS: Final = frozenset({"alllogs", "audit"})
_METRICS: Final = frozenset({"allmetrics", "transaction", "capacity"})
"""Categories of metrics: of most types, and of storage."""


@cache
def _of_type(part: str) -> dict[str, JsonObject]:
    return {name.lower(): as_object(value) for name, value in as_object(member(load("monitor"), part)).items()}


def _refused(text: str) -> ArmError:
    return ArmError(400, "BadRequest", text, cause="service")


def _check_alert(context: ProviderContext) -> None:
    """Refuses metrics and dimensions that the type of the resource does not have.

    Text for metrics: github.com/hashicorp/terraform-provider-azurerm/issues/22210. That dimensions are judged too is
    documented (azure-monitor/alerts/alerts-troubleshoot-metric); their text is assumed.
    """
    for item in as_list(member(context.properties, "criteria", "allOf")):
        condition = as_object(item)
        namespace, name = as_text(condition.get("metricNamespace")).lower(), as_text(condition.get("metricName"))
        known = _of_type("metrics").get(namespace)
        if known is None or condition.get("skipMetricValidation") is True:
            continue
        dimensions = as_object(known["names"]).get(name)
        if not isinstance(dimensions, list):
            raise _refused(f"Couldn't find a metric named {name}. Make sure the name is correct.")
        allowed = {as_text(dimension).lower() for dimension in dimensions}
        for dimension in as_list(condition.get("dimensions")):
            given = as_text(member(dimension, "name"))
            if given.lower() not in allowed:
                raise _refused(
                    f"Couldn't find a dimension named {given} of metric {name}. Make sure the name is correct."
                )


def _check_setting(context: ProviderContext) -> None:
    """Refuses categories that the type does not have.

    Texts: github.com/hashicorp/terraform-provider-azurerm/issues/2985 and github.com/MicrosoftDocs/azure-docs/issues/69798.
    """
    parsed = parse_id(context.id)
    target = parse_id(parsed.scope) if parsed else None
    known = _of_type("logs").get(target.type.lower()) if target else None
    if known is None:
        return
    categories = {as_text(item).lower() for item in as_list(known["categories"])}
    for name in _named(context, "logs", "categoryGroup"):
        if not categories or name.lower() not in _GROUPS:
            raise _refused(f"Category group '{name}' is not supported.")
    for name in _named(context, "logs", "category"):
        if name.lower() not in categories:
            raise _refused(f"Category '{name}' is not supported.")
    for name in _named(context, "metrics", "category"):
        if name.lower() not in _METRICS:
            raise _refused(f"Metric category '{name}' is not supported.")


def _named(context: ProviderContext, part: str, key: str) -> Iterator[str]:
    for item in as_list(context.properties.get(part)):
        if name := as_text(member(item, key)):
            yield name


def _enabled(context: ProviderContext) -> JsonObject:
    """The categories, not enabled unless they say so: github.com/Azure/bicep-registry-modules/issues/898."""
    lists = {name: objects_of(context.properties.get(name)) for name in ("logs", "metrics")}
    shown: JsonObject = {
        name: [{"enabled": False, **entry} for entry in found] for name, found in lists.items() if found
    }
    return {"properties": shown} if shown else {}


HOOKS = {
    "Microsoft.Insights/metricAlerts": ProviderHooks(check=_check_alert),
    "Microsoft.Insights/diagnosticSettings": ProviderHooks(check=_check_setting, display=_enabled),
}
