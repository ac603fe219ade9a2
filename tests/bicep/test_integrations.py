"""Stage 12, integrations: each off until requested."""

import pytest

from installer.estate.parameters import stages
from tests.bicep.answers_variants import CLIENT, VARIANTS, answers
from tests.bicep.snapshots import NEEDS_COMPILER
from tests.bicep.stage_requests import at, of_type, properties, scopes, stage_resources

pytestmark = NEEDS_COMPILER

EVERYTHING = VARIANTS["every optional service, a new catalog"]
EXISTING = VARIANTS["an existing catalog, events"]
SERVICES = (
    "Microsoft.DataFactory/factories",
    "Microsoft.Synapse/workspaces",
    "Microsoft.EventGrid/topics",
    "Microsoft.Logic/workflows",
)


def test_only_requested_services_are_created() -> None:
    assert "optional" not in [spec.key for spec in stages(answers("dev", "prod"))]
    kinds = {resource["type"] for resource in stage_resources(EXISTING, "integrations")}
    assert kinds & {*SERVICES, "Microsoft.Purview/accounts"} == {"Microsoft.EventGrid/topics"}


@pytest.mark.parametrize("kind", SERVICES)
def test_every_environment_has_a_service_with_an_identity(kind: str) -> None:
    found = of_type(stage_resources(EVERYTHING, "integrations"), kind)
    assert len(found) == 2
    assert all(at(service, "identity", "type") == "SystemAssigned" for service in found)


def test_there_is_one_catalog() -> None:
    (account,) = of_type(stage_resources(EVERYTHING, "integrations"), "Microsoft.Purview/accounts")
    assert properties(account)["publicNetworkAccess"] == "Disabled"


def test_services_with_private_endpoints_have_no_public_access() -> None:
    resources = stage_resources(EVERYTHING, "integrations")
    for kind in ("Microsoft.DataFactory/factories", "Microsoft.Synapse/workspaces"):
        assert {properties(service)["publicNetworkAccess"] for service in of_type(resources, kind)} == {"Disabled"}
    parts = {
        str(at(e, "properties", "privateLinkServiceConnections", 0, "properties", "groupIds", 0))
        for e in of_type(resources, "Microsoft.Network/privateEndpoints")
    }
    assert parts == {"dataFactory", "Sql", "SqlOnDemand", "Dev", "topic", "account", "portal"}


def test_a_topic_is_public_only_with_a_logic_app_and_never_accepts_keys() -> None:
    for given, access in ((EVERYTHING, "Enabled"), (EXISTING, "Disabled")):
        topics = of_type(stage_resources(given, "integrations"), "Microsoft.EventGrid/topics")
        assert topics
        for topic in topics:
            assert properties(topic)["publicNetworkAccess"] == access
            assert properties(topic)["disableLocalAuth"] is True


def test_an_existing_catalog_has_only_the_role_to_read_the_lake() -> None:
    given = [
        (scope, role)
        for scope, principal, role in scopes(stage_resources(EXISTING, "integrations"))
        if principal == CLIENT
    ]
    assert [(scope.rpartition("/")[2], role) for scope, role in given] == [
        ("stffcontosodev", "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1")
    ]


def test_event_roles_are_scoped_to_the_queue() -> None:
    queue = [scope for scope, _, _ in scopes(stage_resources(EXISTING, "integrations")) if "/queueServices/" in scope]
    assert len(queue) == 2
