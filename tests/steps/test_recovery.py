"""Remains of an earlier installation do not stop the next one: vaults are recovered, role assignments cleared."""

from time import monotonic, sleep
from typing import TYPE_CHECKING, Final

import pytest

from installer.cloud.arm import Arm
from installer.cloud.emulator_process import Rehearsal
from installer.cloud.models import Deployment
from installer.cloud.rest import Service
from installer.json_access import JsonObject, member
from installer.steps.recovery import clear_role_assignments, recover_vaults
from installer.steps.resource_providers import RegisterProviders
from tests.bicep.answers_variants import SUBSCRIPTION, TENANT
from tests.steps.step_context import Attempt

if TYPE_CHECKING:
    from installer.jsontypes import Json

GROUP: Final = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-recovery"
VAULT: Final = f"{GROUP}/providers/Microsoft.KeyVault/vaults/kv-recovery"
ROLE: Final = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7"
OURS: Final = "11111111-0000-4000-8000-000000000001"
THEIRS: Final = "22222222-0000-4000-8000-000000000002"
OLD: Final = "33333333-0000-4000-8000-000000000003"
NEW: Final = "44444444-0000-4000-8000-000000000004"


@pytest.fixture(scope="module")
def arm(rehearsal: Rehearsal) -> Arm:
    """Azure with the providers of these tests and a resource group."""
    found = Arm(rehearsal.target, SUBSCRIPTION)
    providers = RegisterProviders(found, ("Microsoft.KeyVault", "Microsoft.Authorization"), (SUBSCRIPTION,))
    Attempt().run(providers)
    Service.of_arm(rehearsal.target).ask("PUT", f"{GROUP}?api-version=2025-04-01", {"location": "swedencentral"})
    return found


def _assignment(principal: str) -> JsonObject:
    return {"roleDefinitionId": ROLE, "principalId": principal, "principalType": "ServicePrincipal"}


def _path(scope: str, name: str) -> str:
    return f"{scope}/providers/Microsoft.Authorization/roleAssignments/{name}?api-version=2022-04-01"


def _deploy(arm: Arm, name: str, principal: str) -> Deployment:
    scoped: dict[str, Json] = {
        "type": "Microsoft.Authorization/roleAssignments",
        "apiVersion": "2022-04-01",
        "name": OURS,
        "properties": _assignment(principal),
    }
    content: dict[str, Json] = {
        "$schema": "https://schema.management.azure.com/schemas/2018-05-01/subscriptionDeploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "resources": [scoped],
    }
    arm.begin(name, location="swedencentral", template=content, parameters={}, tags={})
    until = monotonic() + 30
    while (now := arm.deployment(name)) is None or now.active:
        assert monotonic() < until
        sleep(0.05)
    return now


def test_a_deleted_vault_is_recovered(arm: Arm, azure: Service) -> None:
    path, sku = f"{VAULT}?api-version=2026-02-01", {"family": "A", "name": "standard"}
    properties: dict[str, Json] = {"tenantId": TENANT, "sku": {**sku}, "softDeleteRetentionInDays": 14}
    azure.ask("PUT", path, {"location": "swedencentral", "properties": properties})
    sleep(0.3)
    azure.ask("DELETE", path)
    until = monotonic() + 30
    while azure.find(path) is not None:
        assert monotonic() < until
        sleep(0.05)
    attempt = Attempt()
    step = RegisterProviders(arm, (), ())
    recover_vaults(arm, attempt.context(step), ((VAULT, "swedencentral"), (f"{VAULT}-other", "swedencentral")))
    assert azure.find(path) is not None
    assert [event.text for event in attempt.events] == ["recovering key vault kv-recovery, which was deleted"]


@pytest.mark.parametrize(("name", "first"), [(OURS, OLD), (THEIRS, NEW)], ids=["recreated identity", "grant by hand"])
def test_a_role_assignment_in_the_way_is_cleared_once(arm: Arm, azure: Service, name: str, first: str) -> None:
    scope = f"/subscriptions/{SUBSCRIPTION}"
    azure.ask("PUT", _path(scope, name), {"properties": _assignment(first)})
    attempt = Attempt()
    context = attempt.context(RegisterProviders(arm, (), ()))
    ended = _deploy(arm, f"roles-{name[:4]}", NEW)
    assert ended.state == "failed"
    assert clear_role_assignments(arm, context, ended)
    assert _deploy(arm, f"roles-{name[:4]}", NEW).state == "succeeded"
    assert member(azure.find(_path(scope, OURS)), "properties", "principalId") == NEW
    assert any("deleted role assignment" in event.text for event in attempt.events)
    azure.ask("DELETE", _path(scope, OURS))


def test_a_lock_that_keeps_a_role_assignment_is_named(arm: Arm, azure: Service) -> None:
    """A lock against deletion protects role assignments: learn.microsoft.com, azure-resource-manager/management/lock-resources."""
    scope = f"/subscriptions/{SUBSCRIPTION}"
    azure.ask("PUT", _path(scope, OURS), {"properties": _assignment(OLD)})
    attempt = Attempt()
    context = attempt.context(RegisterProviders(arm, (), ()))
    ended = _deploy(arm, "roles-locked", NEW)
    lock = f"{scope}/providers/Microsoft.Authorization/locks/keep?api-version=2020-05-01"
    azure.ask("PUT", lock, {"properties": {"level": "CanNotDelete"}})
    try:
        assert not clear_role_assignments(arm, context, ended)
    finally:
        azure.ask("DELETE", lock)
        azure.ask("DELETE", _path(scope, OURS))
    (event,) = attempt.events
    assert "a lock prevents the removal of a role assignment on " in event.text
    assert OURS not in event.text
    removal = f"az role assignment delete --ids {scope}/providers/Microsoft.Authorization/roleAssignments/{OURS}"
    assert removal in str(event.data["left"])


def test_other_failures_clear_nothing(arm: Arm) -> None:
    attempt = Attempt()
    context = attempt.context(RegisterProviders(arm, (), ()))
    assert not clear_role_assignments(arm, context, Deployment("never-sent", "failed"))
