"""Predicted resources of the stages of an installation, for tests of single stages."""

from collections.abc import Iterator
from typing import Final

from installer.answers.model import Answers
from installer.estate.parameters import PLACEHOLDER_OUTPUTS, stages
from installer.jsontypes import Json
from tests.bicep.snapshots import snapshot

Resource = dict[str, Json]


_CACHE: Final[dict[tuple[str, str], list[Resource]]] = {}
"""Resources by answers and stage that this test run has already evaluated."""


def stage_resources(answers: Answers, stage: str) -> list[Resource]:
    """Every resource that the deployments of one stage would send."""
    key = (answers.model_dump_json(), stage)
    if key not in _CACHE:
        it = answers.subscription
        where = {"subscription_id": it.subscription, "tenant_id": it.tenant, "location": it.region}
        _CACHE[key] = [
            resource
            for spec in stages(answers)
            if spec.stage == stage
            for resource in snapshot(spec, spec.parameters(PLACEHOLDER_OUTPUTS), **where)
        ]
    return _CACHE[key]


def of_type(resources: list[Resource], kind: str) -> list[Resource]:
    """Resources of one type, such as Microsoft.KeyVault/vaults."""
    return [resource for resource in resources if resource["type"] == kind]


def properties(resource: Resource) -> dict[str, Json]:
    """The properties of a resource."""
    found = resource["properties"]
    assert isinstance(found, dict)
    return found


def at(value: Json, *path: str | int) -> Json:
    """The item of a JSON value at a path of keys and indices."""
    for step in path:
        if isinstance(step, int):
            assert isinstance(value, list)
            value = value[step]
        else:
            assert isinstance(value, dict)
            value = value[step]
    return value


def scopes(resources: list[Resource]) -> Iterator[tuple[str, str, str]]:
    """Scope, object id and role of every role assignment."""
    for resource in of_type(resources, "Microsoft.Authorization/roleAssignments"):
        given = properties(resource)
        scope = str(resource["id"]).rpartition("/providers/Microsoft.Authorization/")[0]
        yield scope, str(given["principalId"]), str(given["roleDefinitionId"]).rpartition("/")[2]
