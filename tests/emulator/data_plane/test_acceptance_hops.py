"""The hops of the acceptance run against the endpoints of the embedded Azure, with rights that are missing."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import pytest

from installer.prefect_setup.hop_results import failure_of, results_of
from installer.shipped_files import flow_project
from tests.emulator.data_plane.data_site import LAKE, LAYERS, WHERE, DataSite, build, register
from tests.emulator.server_process import serving

if TYPE_CHECKING:
    from installer.jsontypes import Json

VAULT: Final = "kv-ff-dev-0002"
SECRETS_USER: Final = "4633458b-17de-408a-b874-0445c86b69e6"
PUBLISHER: Final = "3913510d-42f4-4e42-8a64-420c390055eb"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DataSite]:
    state = tmp_path_factory.mktemp("azure")
    with serving(state) as server:
        it = build(server, state)
        register(server, "Microsoft.KeyVault")
        vault = f"{it.group}/providers/Microsoft.KeyVault/vaults/{VAULT}"
        sku: Json = {"family": "A", "name": "standard"}
        properties: Json = {"tenantId": server.info["tenant"], "sku": sku, "enableRbacAuthorization": True}
        it.put(vault, "2026-02-01", {"location": WHERE, "properties": properties})
        it.put(f"{vault}/secrets/prefect-auth", "2026-02-01", {"properties": {"value": "flowforge:x"}})
        it.grant("worker", SECRETS_USER, f"{vault}/secrets/prefect-auth")
        it.grant("worker", PUBLISHER, it.lake)
        yield it


def settings(site: DataSite) -> dict[str, str]:
    at = f"https://{LAKE}.blob.core.windows.net"
    return {
        "environment": "dev",
        **{layer: f"{at}/{layer}" for layer in LAYERS},
        "storage_audience": "https://storage.azure.com",
        "vault": f"https://{VAULT}.vault.azure.net/",
        "vault_secret": "prefect-auth",
        "metrics_endpoint": f"https://{WHERE}.monitoring.azure.com",
        "metrics_audience": "https://monitoring.azure.com",
        "metrics_subject": site.lake,
    }


def travelled(site: DataSite, acts: str) -> list[Any]:
    program = f"""
import json, sys
from dataclasses import asdict
sys.path.insert(0, {str(flow_project())!r})
from acceptance_hops import Journey, travel
from acceptance_metrics import send
journey = Journey(json.loads(sys.argv[1]), "mark")
steps = {{
    "token": journey.get_token, "landing": journey.land, "bronze": lambda: journey.copy("landing", "bronze"),
    "secret": journey.read_secret, "cleanup": journey.clean_up,
}}
found = [travel(hop, work, wait=0.0) for hop, work in steps.items()]
found.append(travel("metric", lambda: send(journey, "run-1", found), wait=0.0))
print(json.dumps({{"hops": [asdict(one) for one in found]}}))
"""
    hops: list[Any] = site.results(program, acts, json.dumps(settings(site)))["hops"]
    return hops


def test_all_hops_pass_with_the_roles_of_the_worker_and_nothing_stays(site: DataSite) -> None:
    hops = travelled(site, "worker")
    assert [(one["hop"], one["state"]) for one in hops] == [
        (name, "passed") for name in ("token", "landing", "bronze", "secret", "cleanup", "metric")
    ], hops
    listing = f"""
import json, os
from azure.identity import ManagedIdentityCredential
from azure.storage.blob import BlobServiceClient
credential = ManagedIdentityCredential(client_id=os.environ["AZURE_CLIENT_ID"])
service = BlobServiceClient("https://{LAKE}.blob.core.windows.net", credential=credential)
print(json.dumps({{"left": [one.name for layer in ("landing", "bronze") for one in service.get_container_client(layer).list_blobs()]}}))
"""
    assert site.results(listing, "worker") == {"left": []}


def test_the_durations_are_read_through_resource_manager(site: DataSite) -> None:
    travelled(site, "worker")
    query = "metricnames=AcceptanceHopMilliseconds&metricnamespace=FlowForge&api-version=2024-02-01"
    found = site.azure.get(
        f"{site.lake}/providers/Microsoft.Insights/metrics?{query}&$filter=Run eq 'run-1' and Hop eq '*'"
    )
    hops = {one["metadatavalues"][1]["value"] for one in found["value"][0]["timeseries"]}
    assert hops == {"token", "landing", "bronze", "secret", "cleanup"}


def test_without_roles_each_hop_names_its_reason_and_its_remedy(site: DataSite) -> None:
    results = results_of(travelled(site, "stranger"))
    assert {one.hop: (one.state, one.code) for one in results} == {
        "token": ("passed", ""),
        "landing": ("failed", "AuthorizationPermissionMismatch"),
        "bronze": ("failed", "AuthorizationPermissionMismatch"),
        "secret": ("failed", "Forbidden"),
        "cleanup": ("passed", ""),
        "metric": ("failed", "403"),
    }
    text = failure_of("dev", results)
    for role in ("Storage Blob Data Contributor", "Key Vault Secrets User", "Monitoring Metrics Publisher"):
        assert role in text
