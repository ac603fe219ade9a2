"""Resource providers are registered where a resource needs them, also in the subscription of existing DNS zones."""

from typing import TYPE_CHECKING

import pytest

from installer.cloud.arm import Arm
from installer.cloud.emulator_process import Rehearsal
from installer.cloud.errors import AzureRefused
from installer.cloud.rest import Service
from installer.errors import CheckBlocked
from installer.secret_store import Secrets
from installer.steps.plan import installation
from installer.steps.resource_providers import RegisterProviders
from tests.bicep.answers_variants import OTHER, SUBSCRIPTION, answers
from tests.cloud.no_cloud import TARGET
from tests.steps.prerequisites import put
from tests.steps.step_context import Attempt

if TYPE_CHECKING:
    from installer.jsontypes import Json

POSTGRES = "Microsoft.DBforPostgreSQL"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-registered"
ZONES = f"/subscriptions/{OTHER}/resourceGroups/rg-zones"


@pytest.mark.parametrize(
    ("group", "access", "elsewhere"),
    [
        (ZONES, "injected", ((POSTGRES, OTHER),)),
        (ZONES, "endpoint", ()),
        (ZONES.replace(OTHER, SUBSCRIPTION), "injected", ()),
    ],
)
def test_a_server_with_vnet_integration_needs_its_provider_where_its_zone_is(
    group: str, access: str, elsewhere: tuple[tuple[str, str], ...]
) -> None:
    given = answers("dev", network={"dns": "existing", "dns_group_id": group}, data={"postgres_network": access})
    steps = installation(given, Arm(TARGET, SUBSCRIPTION), secrets=Secrets(), run="run-1")
    (step,) = [step for step in steps if isinstance(step, RegisterProviders)]
    assert step.elsewhere == elsewhere


def test_azure_refuses_a_server_until_the_subscription_of_its_zone_has_the_provider(
    rehearsal: Rehearsal, azure: Service
) -> None:
    """Source: azure-databases-docs, articles/postgresql/network/concepts-networking-private.md ("Important")."""
    arm = Arm(rehearsal.target, SUBSCRIPTION)
    Attempt().run(RegisterProviders(arm, (POSTGRES,), (SUBSCRIPTION,)))
    put(azure, GROUP, "2025-04-01", location="swedencentral")
    zone = f"{ZONES}/providers/Microsoft.Network/privateDnsZones/privatelink.postgres.database.azure.com"
    properties: Json = {
        "version": "17",
        "createMode": "Default",
        "network": {
            "delegatedSubnetResourceId": f"{GROUP}/providers/Microsoft.Network/virtualNetworks/v/subnets/s",
            "privateDnsZoneArmResourceId": zone,
        },
    }
    server = f"{GROUP}/providers/{POSTGRES}/flexibleServers/pg-registered"
    sku: Json = {"name": "Standard_B1ms", "tier": "Burstable"}
    with pytest.raises(AzureRefused, match=POSTGRES):
        put(azure, server, "2025-08-01", location="swedencentral", sku=sku, properties=properties)
    attempt = Attempt()
    attempt.run(RegisterProviders(arm, (), (SUBSCRIPTION,), elsewhere=((POSTGRES, OTHER),)))
    assert arm.registrations(OTHER)[POSTGRES.lower()] == "Registered"
    assert f"{POSTGRES} in {OTHER}" in {event.resource for event in attempt.events}
    put(azure, server, "2025-08-01", location="swedencentral", sku=sku, properties=properties)


def test_a_provider_that_the_account_may_not_register_is_named(
    rehearsal: Rehearsal, monkeypatch: pytest.MonkeyPatch
) -> None:
    arm = Arm(rehearsal.target, SUBSCRIPTION)

    def refuse(_arm: Arm, namespace: str, subscription: str) -> None:
        raise AzureRefused(f"{namespace} {subscription}", status=403)

    monkeypatch.setattr(Arm, "register", refuse)
    step = RegisterProviders(arm, (), (SUBSCRIPTION,), elsewhere=(("Microsoft.Purview", OTHER),))
    with pytest.raises(CheckBlocked, match=f"az provider register -n Microsoft.Purview --subscription {OTHER}"):
        Attempt().run(step)


def test_a_subscription_that_the_account_may_not_read_is_not_checked(
    rehearsal: Rehearsal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_arm: Arm, subscription: str) -> dict[str, str]:
        raise AzureRefused(subscription, status=403)

    monkeypatch.setattr(Arm, "registrations", refuse)
    attempt = Attempt()
    attempt.run(RegisterProviders(Arm(rehearsal.target, SUBSCRIPTION), (), (), elsewhere=((POSTGRES, OTHER),)))
    (event,) = attempt.events
    assert (event.kind, POSTGRES in event.text) == ("not-checked", True)
