"""Sign-in: each cloud has its own endpoints, and missing credentials are reported without a prompt."""

from pathlib import Path

import pytest

from installer.cloud.sign_in import azure_target
from installer.errors import UsageError

TENANT = "11111111-2222-3333-4444-555555555555"
CLOUDS = [
    ("public", "https://management.azure.com", "https://login.microsoftonline.com", "https://graph.microsoft.com"),
    ("usgov", "https://management.usgovcloudapi.net", "https://login.microsoftonline.us", "https://graph.microsoft.us"),
    (
        "china",
        "https://management.chinacloudapi.cn",
        "https://login.chinacloudapi.cn",
        "https://microsoftgraph.chinacloudapi.cn",
    ),
]


@pytest.fixture(autouse=True)
def without_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No service principal, no Azure CLI session, and no change to the trust store of this process."""
    for name in ("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AZURE_CONFIG_DIR", str(tmp_path / "azure"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))


@pytest.mark.parametrize(("cloud", "endpoint", "authority", "graph"), CLOUDS, ids=[row[0] for row in CLOUDS])
def test_a_service_principal_signs_in_to_the_endpoints_of_its_cloud(
    cloud: str, endpoint: str, authority: str, graph: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZURE_CLIENT_ID", "client")
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "secret")
    target = azure_target(cloud, tenant=TENANT)
    assert (target.kind, target.cloud, target.account) == ("azure", cloud, "client (service principal)")
    assert (target.endpoint, target.audience) == (endpoint, endpoint)
    assert (target.authority, target.graph) == (authority, graph)


def test_a_service_principal_without_a_tenant_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_CLIENT_ID", "client")
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "secret")
    with pytest.raises(UsageError, match="set AZURE_TENANT_ID too"):
        azure_target("public", tenant=None)


@pytest.mark.parametrize("cloud", [row[0] for row in CLOUDS])
def test_without_credentials_the_sign_in_is_refused_unless_a_device_code_can_be_shown(cloud: str) -> None:
    with pytest.raises(UsageError, match="not signed in to Azure: run az login"):
        azure_target(cloud, tenant=TENANT)
    assert azure_target(cloud, tenant=TENANT, show_message=print).account == "device code"


def test_an_unknown_cloud_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match="unknown cloud; use public, usgov, china or an https:// endpoint"):
        azure_target("mars", tenant=TENANT)
