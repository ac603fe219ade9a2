"""Pseudonyms: the same for the same value, no trace of the value, and non-identifying text stays readable."""

from typing import TYPE_CHECKING

import pytest

from installer.support_bundle.pseudonyms import Pseudonyms
from tests.support_bundle.sample_run import FOREIGN, SUBSCRIPTION

if TYPE_CHECKING:
    from installer.jsontypes import Json


def of_contoso() -> Pseudonyms:
    found = Pseudonyms("contoso")
    found.identities.learn("HOST", "ada-laptop")
    found.identities.learn("USER", "ada")
    found.identities.learn_ids([{"id": FOREIGN}])
    return found


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (FOREIGN, "/subscriptions/GUID1/resourceGroups/NAME1/providers/Microsoft.Network/virtualNetworks/NAME2"),
        ("rg-ff-contoso-dev, stffcontosodev and Contoso", "rg-ff-PREFIX1-dev, stffPREFIX1dev and PREFIX1"),
        ("10.40.0.0/16 and fe80::1, not 127.0.0.1", "IP1/16 and IP2, not 127.0.0.1"),
        ("ada@contoso.com on ada-laptop, in /home/ada", "USER1 on HOST1, in /home/USER2"),
        ("https://flowforge.fabrikam.com/x", "https://DOMAIN1/x"),
        ("stffcontosodev.blob.core.windows.net", "stffPREFIX1dev.blob.core.windows.net"),
        ("kv-corp.vault.azure.net", "NAME1.vault.azure.net"),
        ("o'hara@fabrikam.com", "USER1"),
        ("call +49 171 555-1234 or +491715551234", "call PHONE1 or PHONE1"),
        ("ip-10-40-0-4 is 10.40.0.4", "IP1 is IP1"),
        ("x=L3Jlc291cmNlR3JvdXBzL3JnLWZmLWNvbnRvc28tZGV2", "x=TEXT1"),
        ("VNET-PLUTO is busy", "NAME1 is busy"),
        (f"deployment-{SUBSCRIPTION.upper()}-x", "deployment-GUID1-x"),
    ],
)
def test_what_identifies_is_replaced(text: str, shown: str) -> None:
    assert of_contoso().text(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-24T12:34:37.107Z",
        "12:34:56 done (1:15)",
        "installer.engine.runner: answers.yaml",
        "Microsoft.ContainerService/managedClusters/agentPools",
        "Standard_D4ds_v5 in swedencentral",
        "privatelink.blob.core.windows.net",
        "https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-sku-not-available",
        "subscription.cloud and network.egress",
        "flowforge 0.1.0, Python 3.11.9",
        "2026-12-01 at 2026-12-01T14:30:00+02:00, 1 + 2 and +5",
        "sha256 and cGxhaW4gdGV4dCB3aXRob3V0IGFueXRoaW5n \u2013 as it is &amp; stays",
    ],
)
def test_what_identifies_nobody_stays(text: str) -> None:
    assert of_contoso().text(text) == text


def test_the_same_value_has_the_same_stand_in_whatever_its_case_and_place() -> None:
    found = of_contoso()
    first = found.text(f"a {SUBSCRIPTION} b")
    assert found.value({"x": [SUBSCRIPTION.upper()], SUBSCRIPTION: 1}) == {"x": ["GUID1"], "GUID1": 1}
    assert first == "a GUID1 b"


@pytest.mark.parametrize(
    "body",
    [
        {"firstName": "Lenore", "lastName": "Usher"},
        {"initiatedBy": "Lenore Usher"},
        {"companyName": "Usher Incorporated"},
        {"tags": [{"name": "Owner", "value": "Lenore Usher"}]},
    ],
)
def test_fields_with_people_and_lists_of_tags_are_learned(body: "Json") -> None:
    found = Pseudonyms()
    found.identities.learn_ids(body)
    shown = str(found.value([body, "by Usher"]))
    assert "Usher" not in shown
    assert "Lenore" not in shown


def test_names_of_fields_stay_even_where_the_prefix_is_called_like_one() -> None:
    found = Pseudonyms("data")
    assert found.value({"data": {"step": "data", "kv-ff-data-dev": "x"}}) == {
        "data": {"step": "PREFIX1", "kv-ff-PREFIX1-dev": "x"}
    }


def test_a_short_prefix_is_replaced_in_names_and_not_inside_words() -> None:
    assert Pseudonyms("net").text("rg-ff-net-dev: the internetwork") == "rg-ff-PREFIX1-dev: the internetwork"


def test_names_that_our_templates_give_stay() -> None:
    found = Pseudonyms("contoso")
    found.identities.keep("snet-ff-nodes")
    found.identities.learn_ids(f"{FOREIGN}/subnets/snet-ff-nodes")
    assert found.text("snet-ff-nodes in vnet-pluto") == "snet-ff-nodes in NAME1"
