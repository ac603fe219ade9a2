"""Functions that read Azure's catalogue: zones of regions, resource providers, names of roles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.arm_templates.arguments import HELP, Arguments, function
from installer.arm_templates.errors import TemplateError
from installer.arm_templates.to_text import from_text
from installer.arm_templates.values import PendingError, Value, as_value, type_name

if TYPE_CHECKING:
    from installer.arm_templates.scopes import Runtime

_MAX_ZONES = 3


def live(arguments: Arguments) -> Runtime:
    """The runtime that answers; PendingError before the run, and in a prediction."""
    session = arguments.frame.session
    if session.runtime is None or session.predicting:
        raise PendingError
    return session.runtime


@function("pickZones", 3, 5)
def _pick_zones(arguments: Arguments) -> Value:
    """Logical zones for a resource: none where its type or the region has none.

    Source: learn.microsoft.com, azure/azure-resource-manager/templates/template-functions-resource#pickzones: 1 to 3 zones,
    by default 1; an error where offset and number exceed the supported zones.
    """
    namespace, kind, location = _texts(arguments)
    count = arguments.integer(3) if len(arguments) > 3 else 1
    offset = arguments.integer(4) if len(arguments) > 4 else 0
    supported = live(arguments).zones(
        arguments.frame.context.scope.subscription_id or "", f"{namespace}/{kind}", location
    )
    if not 1 <= count <= _MAX_ZONES or offset < 0:
        raise _refusal(arguments, "the number of zones must be 1 to 3, and the offset must not be negative")
    if supported and offset + count > len(supported):
        raise _refusal(
            arguments,
            f"the sum of the offset '{offset}' and the number of zones '{count}' exceeds the '{len(supported)}' supported "
            f"zones of the resource type '{namespace}/{kind}' in the location '{location}'",
        )
    return [from_text(zone) for zone in supported[offset : offset + count]]


@function("providers", 1, 2)
def _providers(arguments: Arguments) -> Value:
    """A resource provider, or one of its types with locations and API versions (the same page, #providers)."""
    namespace, *kinds = _texts(arguments)
    return as_value(live(arguments).provider(namespace, kinds[0] if kinds else None))


@function("roleDefinitions", 1)
def _role_definitions(arguments: Arguments) -> Value:
    """Id and GUID of a role by its name, as Bicep declares the result: `id` and `roleDefinitionId`."""
    name = arguments.resolved(0)
    if not isinstance(name, str):
        raise TemplateError(
            f"One or more provided argument(s) for template language function '{arguments.name}' are not valid: all "
            f"function arguments should be of type 'String'. Please see "
            f"https://aka.ms/arm-functions#{arguments.name} for usage details."
        )
    scope = arguments.frame.context.scope
    prefix = f"/subscriptions/{scope.subscription_id}" if scope.subscription_id else ""
    return as_value(live(arguments).role_definition(name, prefix))


@function("toLogicalZone", 0, None)
@function("toLogicalZones", 0, None)
@function("toPhysicalZone", 0, None)
@function("toPhysicalZones", 0, None)
def _converted_zones(arguments: Arguments) -> Value:
    """Zones of a subscription and a region: one by its name, several as an array.

    Source: learn.microsoft.com, azure/azure-resource-manager/bicep/bicep-functions-resource#tologicalzone.
    """
    arguments.all_resolved()
    runtime = live(arguments)
    if len(arguments) != 3:
        raise _refusal(arguments, f"function requires 3 argument(s) while {len(arguments)} were provided")
    name = arguments.name.lower()
    mapping = dict(runtime.zone_mappings(arguments.text(0), arguments.text(1)))
    if name.startswith("tological"):
        mapping = {physical: logical for logical, physical in mapping.items()}
    given = arguments.array(2) if name.endswith("s") else [arguments.text(2)]
    found: list[Value] = []
    for zone in given:
        if not isinstance(zone, str) or zone.lower() not in mapping:
            raise _refusal(arguments, f"the zone '{zone}' does not exist in the location '{arguments.text(1)}'")
        found.append(from_text(mapping[zone.lower()]))
    return found if name.endswith("s") else found[0]


def _texts(arguments: Arguments) -> list[str]:
    """The strings of a call, followed by integers in pickZones."""
    texts = [arguments.text(index) for index in range(min(len(arguments), 3))]
    for index in range(3, len(arguments)):
        value = arguments.resolved(index)
        if not isinstance(value, int) or isinstance(value, bool):
            raise TemplateError(
                f"The template language function '{arguments.name}' expects the parameter at position {index} to be of "
                f"type 'Integer'. The provided value is of type '{type_name(value)}'. {HELP}"
            )
    return texts


def _refusal(arguments: Arguments, reason: str) -> TemplateError:
    return TemplateError(
        f"Unable to evaluate template language function '{arguments.name}': {reason}. Please see "
        f"https://aka.ms/arm-resource-functions/#{arguments.name.lower()} for usage details."
    )
