"""Sign-in: each cloud has its own endpoints, and missing credentials are reported without a prompt."""

import json
from pathlib import Path

import pytest

from installer.cloud.errors import AzureRefused, refusals
from installer.cloud.sign_in import azure_target
from installer.errors import UsageError
from installer.runs.connection import Connection, TargetOptions
from installer.runs.state_directory import StateDirectory
from tests.emulator.server_process import serving

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


@pytest.fixture
def two_tenants(tmp_path: Path) -> tuple[str, str]:
    """A session of the Azure CLI in two tenants; the first one has the default subscription."""
    folder = tmp_path / "azure"
    folder.mkdir()
    tenants = (TENANT, "99999999-2222-3333-4444-555555555555")
    subscriptions, entries = [], []
    for number, tenant in enumerate(tenants):
        name = f"principal-{number}"
        subscriptions.append(
            {
                "id": f"00000000-0000-0000-0000-00000000000{number}",
                "name": name,
                "state": "Enabled",
                "user": {"name": name, "type": "servicePrincipal"},
                "isDefault": number == 0,
                "tenantId": tenant,
                "environmentName": "AzureCloud",
            }
        )
        entries.append({"client_id": name, "tenant": tenant, "client_secret": "secret"})
    (folder / "azureProfile.json").write_text(json.dumps({"installationId": "x", "subscriptions": subscriptions}))
    (folder / "service_principal_entries.json").write_text(json.dumps(entries))
    return tenants


def test_the_azure_cli_gives_tokens_of_the_tenant_of_the_answers(
    two_tenants: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    default, other = two_tenants
    assert azure_target("public", tenant=None).account == "principal-0 (az login)"
    assert azure_target("public", tenant=default).account == "principal-0 (az login)"
    assert azure_target("public", tenant=other.upper()).account == "principal-1 (az login)"
    unknown = azure_target("public", tenant="88888888-2222-3333-4444-555555555555")
    assert unknown.account == "principal-0 (az login)", "the check of the sign-in names the tenant"
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")  # instead of Entra
    with (
        pytest.raises(AzureRefused, match=r"the proxy http://127\.0\.0\.1:1 does not connect") as raised,
        refusals("get a token"),
    ):
        azure_target("public", tenant=other).credential().get_token("https://management.azure.com/.default")
    assert raised.value.unreached, "offline is reported as offline"


def test_a_session_connects_again_when_the_tenant_is_known(two_tenants: tuple[str, str], tmp_path: Path) -> None:
    _, other = two_tenants
    connection = Connection(StateDirectory.at(str(tmp_path / "state")), TargetOptions())
    first = connection.target()
    assert first.account == "principal-0 (az login)"
    assert connection.target("not yet typed") is first
    second = connection.target(other)
    assert second.account == "principal-1 (az login)"
    assert connection.target(other) is connection.target() is second


@pytest.mark.parametrize("tenant", [None, TENANT])
def test_a_device_code_of_a_private_cloud_is_asked_of_its_own_authority(
    tenant: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")  # what asks the public authority fails
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    shown: list[str] = []
    with serving(tmp_path / "state", "--tenant", TENANT, speed=1) as server:
        monkeypatch.setenv("SSL_CERT_FILE", server.info["ca_file"])
        target = azure_target(server.info["endpoint"], tenant=tenant, show_message=shown.append)
        assert target.account == "device code"
        token = target.credential().get_token(f"{target.audience}/.default")
        answer = server.raw("GET", f"{server.scope}?api-version=2022-12-01", token=token.token)
        endpoint = server.info["endpoint"]
    assert answer.status_code == 200
    assert shown == [f"To sign in, open {endpoint}/devicelogin and enter the code REHEARSAL"]
