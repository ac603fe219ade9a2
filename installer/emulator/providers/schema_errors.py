"""Errors of providers about a body that does not match the published schema of its type.

Providers differ: those of networks and clusters refuse unknown properties, the others ignore them. All of them refuse a
missing required property, a value outside a closed list, and a value of the wrong kind.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from installer.emulator.errors import ArmError, error_object
from installer.json_access import as_text
from installer.type_schemas.empty_values import without_empty
from installer.type_schemas.schemas import SchemaError, nearest_shape, shape_of

if TYPE_CHECKING:
    from installer.json_access import JsonObject
    from installer.jsontypes import Json

_STRICT: Final = {"microsoft.network": "InvalidRequestFormat", "microsoft.containerservice": "UnmarshalError"}
"""Namespaces that refuse unknown properties, with the error code that they use."""
_LENIENT_TYPES: Final = {
    "dnszones",
    "dnsresolvers",
    "dnsforwardingrulesets",
    "privatednszones",
    "trafficmanagerprofiles",
    "frontdoors",
    "frontdoorwebapplicationfirewallpolicies",
}
"""Types of Microsoft.Network with separate providers, which are not known to refuse unknown properties."""
_MAX_NAMED: Final = 20
_INDEX: Final = re.compile(r"\[\d+\]")


_GO: Final = {"microsoft.containerservice"}
"""Namespaces whose provider is written in Go, whose encoding/json reads "" as a string and nothing else."""
_DEFAULTED: Final = {
    ("microsoft.insights/components", "properties.application_type"),
    ("microsoft.insights/diagnosticsettings", "properties.logs[].enabled"),
    ("microsoft.insights/diagnosticsettings", "properties.metrics[].enabled"),
}
"""Required members with a default. Components - Create Or Update of the REST API has `web` for Application_Type; a
category of a diagnostic setting without `enabled` is off: github.com/Azure/bicep-registry-modules/issues/898."""
_MINUS_ONE: Final = {
    ("microsoft.operationalinsights/workspaces/tables", "properties.retentionindays"),
    ("microsoft.operationalinsights/workspaces/tables", "properties.totalretentionindays"),
}
"""Bounded numbers that -1 sets to a default: descriptions of the type index, TableProperties."""


def conforming(resource_type: str, api_version: str, name: str, body: JsonObject) -> JsonObject:
    """The body without read-only members; ArmError 400 when the provider would not accept it."""
    shape, body = shape_of(resource_type, api_version), as_read(resource_type, api_version, body)
    if shape is None:
        return body
    if problems := _serious(resource_type, shape.problems(name, body)):
        raise _refusal(_namespace(resource_type), problems)
    return shape.writable(name, body)


def objections(resource_type: str, api_version: str, name: str, body: JsonObject) -> list[JsonObject]:
    """The same check before deployment: an error object for each problem that the provider would report."""
    shape, body = shape_of(resource_type, api_version), as_read(resource_type, api_version, body)
    problems = _serious(resource_type, shape.problems(name, body)) if shape else []
    return _errors(_namespace(resource_type), [problem for problem in problems if not _unevaluated(problem.value)])


def as_read(resource_type: str, api_version: str, body: JsonObject) -> JsonObject:
    """The body as the provider reads it: without members that it takes as not given."""
    shape = nearest_shape(resource_type, api_version)
    return without_empty(shape, body) if shape and _namespace(resource_type) not in _GO else body


def _unevaluated(value: Json) -> bool:
    """Whether a value is still an expression, known only at run time."""
    return isinstance(value, str) and value.startswith("[") and value.endswith("]")


def _namespace(resource_type: str) -> str:
    return resource_type.partition("/")[0].lower()


def _serious(resource_type: str, problems: list[SchemaError]) -> list[SchemaError]:
    namespace, _, kind = resource_type.lower().partition("/")
    strict = namespace in _STRICT and kind.partition("/")[0] not in _LENIENT_TYPES
    serious = [problem for problem in problems if strict or problem.fault != "unknown"]
    return [problem for problem in serious if not _documented(resource_type.lower(), problem)]


def _documented(resource_type: str, problem: SchemaError) -> bool:
    """Whether the schema is stricter than what is documented of a member."""
    place = (resource_type, _INDEX.sub("[]", problem.path.lower()))
    if problem.fault == "missing":
        return place in _DEFAULTED
    return problem.fault == "out of bounds" and problem.value == -1 and place in _MINUS_ONE


def _errors(namespace: str, problems: list[SchemaError]) -> list[JsonObject]:
    return [error_object(_code(namespace, it), _text(namespace, it), it.path) for it in problems]


def _refusal(namespace: str, problems: list[SchemaError]) -> ArmError:
    errors = _errors(namespace, problems)
    if len(problems) == 1 and problems[0].fault != "unknown":
        [problem] = problems
        return ArmError(400, _code(namespace, problem), _text(namespace, problem), target=problem.path, cause="service")
    unreadable = any(problem.fault in ("unknown", "wrong kind") for problem in problems)
    code = _STRICT.get(namespace, "InvalidRequestContent") if unreadable else "InvalidParameter"
    text = "Cannot parse the request." if code == "InvalidRequestFormat" else as_text(errors[0]["message"])
    return ArmError(400, code, text, details=errors, cause="service")


def _code(namespace: str, problem: SchemaError) -> str:
    if problem.fault == "missing" and problem.path == "location":
        return "LocationRequired"  # by ARM, before the provider gets the request
    if problem.fault == "unknown":
        return "InvalidJson" if namespace == "microsoft.network" else _STRICT[namespace]
    return "InvalidRequestContent" if problem.fault == "wrong kind" else "InvalidParameter"


def _text(namespace: str, problem: SchemaError) -> str:
    path, leaf = problem.path, problem.path.rpartition(".")[2]
    match problem.fault:
        case "missing" if path == "location":
            return "The location property is required for this definition."
        case "missing":
            return f"Required parameter '{path}' is missing (null)."
        case "unknown" if namespace == "microsoft.containerservice":
            return f"The request body could not be read: json: unknown field \"{leaf}\" (at '{path}')."
        case "unknown":
            return f"Could not find member '{leaf}' on object of type '{problem.owner}'. Path '{path}'."
        case "not allowed":
            named = ", ".join(problem.allowed[:_MAX_NAMED])
            return (
                f"The value {_shown(problem.value)} of parameter '{path}' is not allowed. Allowed values are: {named}."
            )
        case "out of bounds":
            return f"The value {_shown(problem.value)} of parameter '{path}' is out of bounds: {problem.allowed[0]}."
        case _:
            return (
                "The request content was invalid and could not be deserialized: "
                f"{_shown(problem.value)} is not {problem.allowed[0]}. Path '{path}'."
            )


def _shown(value: Json) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:80]}…"
