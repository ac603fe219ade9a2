"""Vault and Azure Monitor with the real clients: azure-keyvault-secrets, azure-monitor-ingestion, and custom metrics by REST."""

import hashlib
import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from installer.emulator.state.database import Database
from installer.emulator.state.secret_values import SecretValues, SecretVersion
from tests.emulator.data_plane.data_site import LAKE, WHERE, DataSite, build, register
from tests.emulator.server_process import serving

if TYPE_CHECKING:
    from installer.jsontypes import Json

VAULT: Final = "kv-ff-dev-0001"
SECRETS_USER: Final = "4633458b-17de-408a-b874-0445c86b69e6"
SECRETS_OFFICER: Final = "b86a8fe4-44ce-4948-aee5-eccb2c155cd7"
PUBLISHER: Final = "3913510d-42f4-4e42-8a64-420c390055eb"
STREAM: Final = "Custom-FlowForgeRuns_CL"
VALUE: Final = "canary-2d9f-value"

PREAMBLE: Final = f"""
import json, os, sys, datetime, urllib.request
from azure.core.exceptions import HttpResponseError
from azure.identity import ManagedIdentityCredential
from azure.keyvault.secrets import SecretClient
from azure.monitor.ingestion import LogsIngestionClient
credential = ManagedIdentityCredential(client_id=os.environ["AZURE_CLIENT_ID"])
vault = SecretClient("https://{VAULT}.vault.azure.net", credential, retry_total=0)
def refused(call):
    try:
        call()
    except HttpResponseError as error:
        return [error.status_code, error.error.code if error.error else ""]
    return []
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DataSite]:
    state = tmp_path_factory.mktemp("azure")
    with serving(state) as server:
        it = build(server, state)
        register(server, "Microsoft.KeyVault", "Microsoft.Insights", "Microsoft.OperationalInsights")
        it.add_identity("officer")
        vault = f"{it.group}/providers/Microsoft.KeyVault/vaults/{VAULT}"
        properties = {
            "tenantId": server.info["tenant"],
            "sku": {"family": "A", "name": "standard"},
            "enableRbacAuthorization": True,
        }
        it.put(vault, "2026-02-01", {"location": WHERE, "properties": properties})
        for name, value in (("prefect-auth", VALUE), ("other", "other-value")):
            it.put(f"{vault}/secrets/{name}", "2026-02-01", {"properties": {"value": value}})
        it.grant("worker", SECRETS_USER, f"{vault}/secrets/prefect-auth")
        it.grant("officer", SECRETS_OFFICER, vault)
        columns: Json = [{"name": "TimeGenerated", "type": "datetime"}, {"name": "State", "type": "string"}]
        rule: Json = {
            "streamDeclarations": {STREAM: {"columns": columns}},
            "dataFlows": [{"streams": [STREAM], "destinations": ["workspace"]}],
        }
        where = f"{it.group}/providers/Microsoft.Insights/dataCollectionRules/dcr"
        it.put(where, "2024-03-11", {"location": WHERE, "kind": "Direct", "properties": rule})
        it.grant("worker", PUBLISHER, where)
        it.grant("worker", PUBLISHER, it.lake)
        yield it


def test_a_workload_reads_only_the_secret_that_its_role_covers(site: DataSite) -> None:
    program = f"""{PREAMBLE}
import hashlib
digest = lambda secret: hashlib.sha256(secret.value.encode()).hexdigest()
found = vault.get_secret("prefect-auth")
print(json.dumps({{
    "value": digest(found) == sys.argv[1], "version": len(found.properties.version),
    "same": digest(vault.get_secret("prefect-auth", found.properties.version)) == sys.argv[1],
    "other": refused(lambda: vault.get_secret("other")),
    "list": refused(lambda: list(vault.list_properties_of_secrets())),
    "set": refused(lambda: vault.set_secret("prefect-auth", "x"))}}))
"""
    found = site.results(program, "worker", hashlib.sha256(VALUE.encode()).hexdigest())
    forbidden = [403, "Forbidden"]
    assert found == {
        "value": True,
        "version": 32,
        "same": True,
        "other": forbidden,
        "list": forbidden,
        "set": forbidden,
    }
    program = f'{PREAMBLE}\nprint(json.dumps(refused(lambda: vault.get_secret("prefect-auth"))))'
    assert json.loads(site.run(program, "stranger").strip().splitlines()[-1]) == forbidden


def test_a_workload_gets_the_value_behind_a_reference(site: DataSite) -> None:
    program = "import hashlib, os; print(hashlib.sha256(os.environ['SECRET'].encode()).hexdigest())"
    log = site.run(program, "worker", secret=f"https://{VAULT}.vault.azure.net/secrets/prefect-auth")
    assert log.strip() == hashlib.sha256(VALUE.encode()).hexdigest()


def test_an_officer_writes_versions_disables_one_and_lists_all(site: DataSite) -> None:
    program = f"""{PREAMBLE}
first = vault.set_secret("made", "one", content_type="text/plain", tags={{"a": "b"}})
second = vault.set_secret("made", "two")
vault.update_secret_properties("made", first.properties.version, enabled=False)
for number in range(30):
    vault.set_secret(f"many-{{number:02d}}", "x")
print(json.dumps({{
    "latest": vault.get_secret("made").value, "disabled": refused(lambda: vault.get_secret("made", first.properties.version)),
    "versions": sorted(one.enabled for one in vault.list_properties_of_secret_versions("made")),
    "names": len([one.name for one in vault.list_properties_of_secrets()]),
    "missing": refused(lambda: vault.get_secret("no-such")), "deleted": refused(lambda: vault.begin_delete_secret("made"))}}))
"""
    assert site.results(program, "officer") == {
        "latest": "two",
        "disabled": [403, "Forbidden"],
        "versions": [False, True],
        "names": 33,
        "missing": [404, "SecretNotFound"],
        "deleted": [501, "NotImplemented"],
    }


def test_no_value_of_a_secret_is_readable_in_the_state(site: DataSite) -> None:
    for path in (one for one in site.state.rglob("*") if one.is_file()):
        assert VALUE.encode() not in path.read_bytes(), path


def test_values_are_read_again_with_the_same_key_and_replaced_without_it(tmp_path: Path) -> None:
    for key, expected in (("first", "one"), ("second", "flowforge:lost-"), ("first", "one")):
        database = Database(tmp_path / "azure.sqlite")
        values = SecretValues(database, key)
        if not tmp_path.joinpath("written").exists():
            values.save("/vault", "Name", SecretVersion("1", "one", 1.0))
            tmp_path.joinpath("written").touch()
        (found,), (again,) = (values.versions("/vault", "name") for _ in range(2))
        assert found == again, "every reader gets the same value"
        assert found.value.startswith(expected)
        assert (found.version, values.names("/vault")) == ("1", ["name"])
        assert values.lost() == (["name"] if expected != "one" else [])
        database.close()


def test_rows_come_through_the_rule_with_the_real_client(site: DataSite) -> None:
    where = f"{site.group}/providers/Microsoft.Insights/dataCollectionRules/dcr?api-version=2024-03-11"
    rule = site.azure.get(where)["properties"]
    mark = uuid.uuid4().hex
    program = f"""{PREAMBLE}
client = LogsIngestionClient(sys.argv[1], credential, retry_total=0)
rows = [{{"TimeGenerated": "2026-11-29T00:00:00Z", "State": sys.argv[3], "Unknown": "dropped"}}]
print(json.dumps({{"sent": refused(lambda: client.upload(rule_id=sys.argv[2], stream_name="{STREAM}", logs=rows)),
    "stream": refused(lambda: client.upload(rule_id=sys.argv[2], stream_name="Custom-Other_CL", logs=rows))}}))
"""
    arguments = (rule["endpoints"]["logsIngestion"], rule["immutableId"], mark)
    assert site.results(program, "worker", *arguments) == {"sent": [], "stream": [400, "InvalidStream"]}
    assert site.results(program, "stranger", *arguments)["sent"] == [403, "OperationFailed"]
    rows = [one["row"] for one in site.azure.get("/rehearsal/telemetry")["rows"]]
    assert [row for row in rows if row["State"] == mark] == [{"TimeGenerated": "2026-11-29T00:00:00Z", "State": mark}]


SEND_METRIC: Final = """
def send(region, age=0, dimensions=("one",), audience="https://monitoring.azure.com/.default"):
    token = credential.get_token(audience).token
    now = datetime.datetime.now(datetime.UTC) - datetime.timedelta(minutes=age)
    point = {"dimValues": list(dimensions), "min": 5, "max": 5, "sum": 5, "count": 1}
    base = {"metric": "HopMilliseconds", "namespace": "FlowForge", "dimNames": ["Hop"], "series": [point]}
    body = json.dumps({"time": now.isoformat(), "data": {"baseData": base}}).encode()
    url = f"https://{region}.monitoring.azure.com{sys.argv[1]}/metrics"
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, headers)) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
"""


def test_a_custom_metric_is_taken_and_read_through_resource_manager(site: DataSite) -> None:
    program = f"""{PREAMBLE}{SEND_METRIC}
print(json.dumps([send("{WHERE}"), send("northeurope"), send("{WHERE}", age=30), send("{WHERE}", dimensions=("a", "b")),
    send("{WHERE}", audience="https://vault.azure.net/.default")]))
"""
    log = site.run(program, "worker", site.lake)
    assert json.loads(log.strip().splitlines()[-1]) == [200, 400, 400, 400, 401]
    program = f"{PREAMBLE}{SEND_METRIC}\nprint(json.dumps([send('{WHERE}')]))"
    assert json.loads(site.run(program, "stranger", site.lake).strip().splitlines()[-1]) == [403]
    query = "metricnames=HopMilliseconds&metricnamespace=FlowForge&$filter=Hop eq '*'&api-version=2024-02-01"
    found = site.azure.get(f"{site.lake}/providers/Microsoft.Insights/metrics?{query}")["value"]
    (series,) = found[0]["timeseries"]
    assert series["metadatavalues"][0]["value"] == "one"
    assert [point["total"] for point in series["data"]] == [5]
    query = query.replace("HopMilliseconds", "Other")
    assert site.azure.raw("GET", f"{site.lake}/providers/Microsoft.Insights/metrics?{query}").status_code == 400


def test_a_name_that_no_resource_has_does_not_exist(site: DataSite) -> None:
    program = f"""
import json, urllib.request
def failure(url):
    try:
        urllib.request.urlopen(url)
    except OSError as error:
        return str(error)
print(json.dumps({{"unknown": failure("https://{LAKE}x.blob.core.windows.net/"), "files": failure("https://{LAKE}.file.core.windows.net/")}}))
"""
    found = site.results(program, "worker")
    assert "502" in found["unknown"]
    assert "502" in found["files"]
