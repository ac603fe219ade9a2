"""Addresses of pages in the Azure portal."""

import pytest

from installer.conventions.portal import portal_page

TENANT = "7a1d1b7e-3c5f-4c62-9f0e-5a8c0f6f2d10"
VAULT = "/subscriptions/s/resourceGroups/rg-ff/providers/Microsoft.KeyVault/vaults/kv"


def test_a_resource_has_its_page_in_the_portal_of_its_cloud() -> None:
    assert portal_page(VAULT, TENANT) == f"https://portal.azure.com/#@{TENANT}/resource{VAULT}"
    assert portal_page(VAULT, TENANT, "usgov").startswith("https://portal.azure.us/#@")
    assert portal_page(VAULT, TENANT, "china").startswith("https://portal.azure.cn/#@")


@pytest.mark.parametrize("scope", ["/subscriptions/s", "/subscriptions/s/resourceGroups/rg-ff"])
def test_a_deployment_opens_where_its_progress_is(scope: str) -> None:
    found = portal_page(f"{scope}/providers/Microsoft.Resources/deployments/ff-contoso-data", TENANT)
    assert found.startswith("https://portal.azure.com/#view/HubsExtension/DeploymentDetailsBlade/~/overview/id/%2Fsubs")
    assert found.endswith("%2Fproviders%2FMicrosoft.Resources%2Fdeployments%2Fff-contoso-data")


@pytest.mark.parametrize(
    "other", ["", "acceptance-dev", "/providers/Microsoft.Management/managementGroups/x", "https://x"]
)
def test_what_is_no_resource_has_no_page(other: str) -> None:
    assert portal_page(other, TENANT) == ""


def test_a_name_cannot_leave_the_address() -> None:
    assert " " not in portal_page(f"{VAULT} x\n#?", TENANT)
    assert portal_page(f"{VAULT}#?", TENANT).count("#") == 1
