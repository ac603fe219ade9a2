"""A reference that is no resource ID is refused before the provider is asked, wherever in the body it is."""

from pathlib import Path
from typing import Any, Final

import pytest

from installer.json_access import as_text, member
from tests.emulator.in_memory import GROUP, Bench, bench, run
from tests.emulator.providers.test_services import registered
from tests.emulator.sample_templates import group, inside, resource, template

SUBNET: Final = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/net/subnets/one"
NOT_IDS: Final = (
    "",
    "one",
    "subscriptions/x",
    "https://example.com/subscriptions/x",
    "C:/Program Files/subscriptions/x",
)
NETWORK: Final = "Microsoft.Network/virtualNetworks"


def subnet(**of: Any) -> dict[str, Any]:
    """A subnet with a reference."""
    return {"addressPrefix": "10.0.0.0/24", **{name: {"id": value} for name, value in of.items()}}


def network(**of: Any) -> dict[str, Any]:
    """A virtual network with such a subnet."""
    return {
        "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
        "subnets": [{"name": "one", "properties": subnet(**of)}],
    }


def refused_path(it: Bench, kind: str, properties: dict[str, Any], name: str = "it") -> str:
    """The path in the refusal of a resource, "" if it is accepted; other refusals are not caught."""

    async def story() -> None:
        it.deploy(template(group()), name="group")
        await it.clock.finish(it.engine)
        it.deploy(inside(resource(kind, name, location="westeurope", properties=properties)), scope=GROUP)
        await it.clock.finish(it.engine)

    run(story())
    error = it.operations("main", GROUP)[name.rpartition("/")[2]].error
    if error is None:
        return ""
    assert member(error, "code") == "LinkedInvalidPropertyId", error
    text = as_text(member(error, "message"))
    assert "Expect fully qualified resource Id" in text
    return text.partition("at path '")[2].partition("'")[0]


@pytest.mark.parametrize("value", NOT_IDS)
@pytest.mark.parametrize("name", ["networkSecurityGroup", "routeTable", "natGateway"])
def test_references_of_subnets_are_absent_or_ids(tmp_path: Path, name: str, value: str) -> None:
    it = registered(bench(tmp_path))
    assert refused_path(it, NETWORK, network(**{name: value})) == f"properties.subnets[0].properties.{name}.id"


def test_null_counts_as_absent(tmp_path: Path) -> None:
    assert refused_path(registered(bench(tmp_path)), NETWORK, network(networkSecurityGroup=None)) == ""


@pytest.mark.parametrize(
    ("kind", "properties", "path"),
    [
        (
            "Microsoft.Network/networkInterfaces",
            {"ipConfigurations": [{"name": "a", "properties": {"subnet": {"id": "one"}}}]},
            "properties.ipConfigurations[0].properties.subnet.id",
        ),
        ("Microsoft.Network/privateEndpoints", {"subnet": {"id": ""}}, "properties.subnet.id"),
        (
            "Microsoft.EventGrid/partnerNamespaces",
            {"partnerRegistrationFullyQualifiedId": "c02e0126-707c-436d-b6a1-175d2748fb58"},
            "properties.partnerRegistrationFullyQualifiedId",
        ),
        (
            "Microsoft.DesktopVirtualization/workspaces",
            {"applicationGroupReferences": [SUBNET, ""]},
            "properties.applicationGroupReferences[1]",
        ),
    ],
)
def test_references_of_other_types(tmp_path: Path, kind: str, properties: dict[str, Any], path: str) -> None:
    it = registered(bench(tmp_path))
    for namespace in ("Microsoft.EventGrid", "Microsoft.DesktopVirtualization"):
        it.emulator.registrations.set(GROUP.split("/")[2], namespace, "Registered", 0)
    assert refused_path(it, kind, properties) == path
