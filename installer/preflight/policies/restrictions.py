"""Restrictions that Azure reports for planned resources: the request for each, and the denials in the responses.

Source: REST API Microsoft.PolicyInsights/checkPolicyRestrictions, at subscription scope.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from installer.conventions.integrations import INTEGRATIONS
from installer.estate.bodies import PlannedBody
from installer.json_access import as_object, as_text, member, objects_of
from installer.jsontypes import Json
from installer.preflight.reads import Request, post
from installer.resource_id import GROUP_TYPE, subscription_of
from installer.shipped_files import policy_answers

_FRAME: Final = {"id", "apiVersion", "dependsOn", "scope", "condition"}
_PENDING: Final = "pending"
_GROUP: Final = "Microsoft.Resources/subscriptions/resourceGroups"


@dataclass(frozen=True)
class Denial:
    """A policy that denies a planned resource, as Azure reports it.

    Attributes:
        assignment: Id of the assignment.
        reference: Name of the definition in the initiative; "" without one.

    """

    assignment: str
    reference: str


def answers_that_change(kind: str) -> tuple[tuple[str, ...], str]:
    """Keys of the answers that avoid or change resources of a type, or of its parent, with a sentence; () if none does."""
    wanted = kind.lower()
    while wanted.count("/") > 1 and wanted not in _answers():
        wanted = wanted.rpartition("/")[0]
    return _answers().get(wanted, ((), ""))


@cache
def _answers() -> Mapping[str, tuple[tuple[str, ...], str]]:
    entries = tomllib.loads(policy_answers())["type"]
    found = {entry["name"].lower(): (tuple(entry["answers"]), entry["text"]) for entry in entries}
    for key, service in INTEGRATIONS.items():
        found[service.type.lower()] = ((f"integrations.{key}",), "it is an optional service")
    return found


def answer_keys() -> Iterator[str]:
    """Every key of answers that the advice names."""
    return (key for keys, _ in _answers().values() for key in keys)


def question(planned: PlannedBody) -> dict[str, Json]:
    """The request body for a planned resource; values that only the run knows are replaced by a word."""
    kind = _GROUP if planned.type.lower() == GROUP_TYPE.lower() else planned.type
    content = {name: _known(item) for name, item in planned.body.items() if name not in _FRAME}
    scope = planned.id.rpartition("/providers/")[0]
    details: dict[str, Json] = {
        "resourceContent": {**content, "type": kind, "name": planned.name},
        "apiVersion": planned.api_version,
        "scope": scope or f"/subscriptions/{subscription_of(planned.id)}",
    }
    return {"resourceDetails": details}


def _known(value: Json) -> Json:
    if isinstance(value, dict):
        return {name: _known(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_known(item) for item in value]
    return _PENDING if isinstance(value, str) and value.startswith("[") and value.endswith("]") else value


def restrictions(planned: PlannedBody) -> Request:
    """The request for a planned resource."""
    where = f"/subscriptions/{subscription_of(planned.id)}/providers/Microsoft.PolicyInsights/checkPolicyRestrictions"
    return post(f"{where}?api-version=2024-10-01", question(planned), f"what policies deny of {planned.type}")


def denials(response: Mapping[str, Json]) -> Iterator[Denial]:
    """The denials in the response for a planned resource."""
    for item in objects_of(member(response.get("contentEvaluationResult"), "policyEvaluations")):
        denied = as_text(member(item, "effectDetails", "policyEffect")).lower() == "deny"
        if denied and as_text(item.get("evaluationResult")).lower() == "noncompliant":
            info = as_object(item.get("policyInfo"))
            yield Denial(
                as_text(info.get("policyAssignmentId")),
                as_text(info.get("policyDefinitionReferenceId")),
            )
