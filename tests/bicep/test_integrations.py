"""Stage 11, integrations: each off until requested."""

import pytest

from installer.estate.parameters import stages
from tests.bicep.answers_variants import CLIENT, VARIANTS, answers
from tests.bicep.snapshots import NEEDS_COMPILER
from tests.bicep.stage_requests import at, of_type, properties, scopes, taken

pytestmark = NEEDS_COMPILER

EVERYTHING = VARIANTS["every service beside it, a new catalogue"]
EXISTING = VARIANTS["an existing catalogue, events"]
SERVICES = (
    "Microsoft.DataFactory/factories",
    "Microsoft.Synapse/workspaces",
    "Microsoft.EventGrid/topics",
    "Microsoft.Logic/workflows",
)


def test_nothing_is_built_that_was_not_asked_for() -> None:
    assert "optional" not in [spec.key for spec in stages(answers("dev", "prod"))]
    kinds = {resource["type"] for resource in taken(EXISTING, "integrations")}
    assert kinds & {*SERVICES, "Microsoft.Purview/accounts"} == {"Microsoft.EventGrid/topics"}


@pytest.mark.parametrize("kind", SERVICES)
def test_every_environment_has_its_own_with_an_identity(kind: str) -> None:
    found = of_type(taken(EVERYTHING, "integrations"), kind)
    assert len(found) == 2
    assert all(at(service, "identity", "type") == "SystemAssigned" for service in found)


def test_there_is_one_catalogue() -> None:
    (account,) = of_type(taken(EVERYTHING, "integrations"), "Microsoft.Purview/accounts")
    assert properties(account)["publicNetworkAccess"] == "Disabled"


def test_what_has_a_private_way_is_shut_to_others() -> None:
    resources = taken(EVERYTHING, "integrations")
    for kind in ("Microsoft.DataFactory/factories", "Microsoft.Synapse/workspaces"):
        assert {properties(service)["publicNetworkAccess"] for service in of_type(resources, kind)} == {"Disabled"}
    parts = {
        str(at(e, "properties", "privateLinkServiceConnections", 0, "properties", "groupIds", 0))
        for e in of_type(resources, "Microsoft.Network/privateEndpoints")
    }
    assert parts == {"dataFactory", "Sql", "SqlOnDemand", "Dev", "topic", "account"}


def test_a_topic_is_open_only_to_a_workflow_and_never_to_keys() -> None:
    for given, access in ((EVERYTHING, "Enabled"), (EXISTING, "Disabled")):
        for topic in of_type(taken(given, "integrations"), "Microsoft.EventGrid/topics"):
            assert properties(topic)["publicNetworkAccess"] == access
            assert properties(topic)["disableLocalAuth"] is True


def test_an_existing_catalogue_may_read_the_lake_and_nothing_else() -> None:
    given = [(scope, role) for scope, principal, role in scopes(taken(EXISTING, "integrations")) if principal == CLIENT]
    assert [(scope.rpartition("/")[2], role) for scope, role in given] == [
        ("stffcontosodev", "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1")
    ]


def test_rights_on_events_end_at_the_queue() -> None:
    queue = [scope for scope, _, _ in scopes(taken(EXISTING, "integrations")) if "/queueServices/" in scope]
    assert len(queue) == 2
