"""The reporter as its job runs it: against a real Prefect server, through the Logs ingestion endpoint."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import pytest

from installer.shipped_files import reporter_program
from tests.emulator.data_plane.data_site import WHERE, DataSite, build, register
from tests.emulator.server_process import serving

if TYPE_CHECKING:
    from installer.jsontypes import Json

pytestmark = pytest.mark.e2e
PUBLISHER: Final = "3913510d-42f4-4e42-8a64-420c390055eb"
STREAM: Final = "Custom-FlowForgeRuns_CL"
COLUMNS: Final = (
    *("TimeGenerated", "Environment", "Kind", "RunId", "RunName", "Deployment", "Flow", "State", "Message"),
    "DelaySeconds",
)
PREFECT: Final = {"PREFECT_API_URL": "https://api.prefect.cloud/api/accounts/a/workspaces/w"}
"""The embedded Azure has a real server in place of Prefect Cloud."""
FAILED: Final = 12

SEED: Final = f"""
import base64, datetime, json, os, time, urllib.request, uuid
url = os.environ["PREFECT_API_URL"]
word = base64.b64encode(os.environ["PREFECT_API_AUTH_STRING"].encode()).decode()
def ask(path, body, method="POST"):
    headers = {{"Authorization": f"Basic {{word}}", "Content-Type": "application/json"}}
    request = urllib.request.Request(url + path, json.dumps(body).encode(), headers, method=method)
    for last in [False] * 40 + [True]:
        try:
            with urllib.request.urlopen(request) as answer:
                text = answer.read()
            break
        except urllib.error.HTTPError as error:  # a server with a busy database
            if error.code != 503 or last:
                raise
            time.sleep(0.2)
    return json.loads(text) if text else None
for _ in range(600):
    try:
        ask("/flows/filter", {{}})
        break
    except OSError:
        time.sleep(0.2)
flow = ask("/flows/", {{"name": "ingest"}})["id"]
found = {{}}
for name in ("open", "paused"):
    ask("/work_pools/", {{"name": name, "type": "process", "is_paused": name == "paused"}})
    given = {{"name": f"to-{{name}}", "flow_id": flow, "work_pool_name": name, "entrypoint": "x.py:x"}}
    found[name] = ask("/deployments/", given)["id"]
now = datetime.datetime.now(datetime.UTC)
def run(name, state, deployment=None, **more):
    given = {{"name": name, "flow_id": flow, "state": state, "deployment_id": deployment, **more}}
    return ask("/flow_runs/", given)["id"]
for number in range({FAILED}):
    made = run(f"failed-{{number}}", {{"type": "RUNNING"}}, found["open"])
    ask(f"/flow_runs/{{made}}/set_state", {{"state": {{"type": "FAILED", "message": f"no file {{number}}"}}, "force": True}})
run("pending", {{"type": "PENDING"}})
run("silent", {{"type": "RUNNING"}})
beating = run("beating", {{"type": "RUNNING"}})
for name in ("open", "paused"):
    scheduled = {{"type": "SCHEDULED", "state_details": {{"scheduled_time": now.isoformat()}}}}
    ask(f"/deployments/{{found[name]}}/create_flow_run", {{"name": f"late-{{name}}", "state": scheduled}})
event = {{
    "id": str(uuid.uuid4()), "occurred": (now + datetime.timedelta(minutes=15)).isoformat(),
    "event": "prefect.flow-run.heartbeat", "resource": {{"prefect.resource.id": f"prefect.flow-run.{{beating}}"}},
}}
ask("/events", [event])
wanted = {{"event": {{"name": ["prefect.flow-run.heartbeat"]}}, "occurred": {{"until": (now + datetime.timedelta(hours=1)).isoformat()}}}}
for _ in range(300):
    if ask("/events/filter", {{"filter": wanted, "limit": 50}})["events"]:
        break
    time.sleep(0.1)
print(json.dumps({{"done": True}}))
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DataSite]:
    state = tmp_path_factory.mktemp("azure")
    with serving(state) as server:
        it = build(server, state)
        register(server, "Microsoft.Insights")
        columns: Json = [{"name": name, "type": "string"} for name in COLUMNS]
        rule: Json = {
            "streamDeclarations": {STREAM: {"columns": columns}},
            "dataFlows": [{"streams": [STREAM], "destinations": ["workspace"]}],
        }
        where = rule_of(it)
        it.put(where, "2024-03-11", {"location": WHERE, "kind": "Direct", "properties": rule})
        it.grant("worker", PUBLISHER, where)
        assert it.results(SEED, "worker", settings=PREFECT) == {"done": True}
        yield it


def rule_of(site: DataSite) -> str:
    return f"{site.group}/providers/Microsoft.Insights/dataCollectionRules/dcr"


def reported(
    site: DataSite, minutes: int = 0, change: tuple[str, str] = ("PAGE = 200", "PAGE = 5")
) -> list[dict[str, Any]]:
    """Rows of one report that is made some minutes from now, with small pages."""
    before = len(site.azure.get("/rehearsal/telemetry")["rows"])
    program = reporter_program().read_text(encoding="utf-8").replace(*change)
    head, _, last = program.rpartition("report(os.environ, dt.datetime.now(dt.UTC))")
    program = f"{head}report(os.environ, dt.datetime.now(dt.UTC) + dt.timedelta(minutes={minutes})){last}"
    rule = site.azure.get(f"{rule_of(site)}?api-version=2024-03-11")["properties"]
    settings = {
        **PREFECT,
        "FLOWFORGE_ENVIRONMENT": "dev",
        "FLOWFORGE_INGESTION_AUDIENCE": "https://monitor.azure.com",
        "FLOWFORGE_INGESTION_ENDPOINT": rule["endpoints"]["logsIngestion"],
        "FLOWFORGE_INGESTION_RULE": rule["immutableId"],
        "FLOWFORGE_INGESTION_STREAM": STREAM,
    }
    site.run(program, "worker", settings=settings)
    return [one["row"] for one in site.azure.get("/rehearsal/telemetry")["rows"][before:]]


def test_failed_runs_of_all_pages_come_in_order_with_names_and_delays(site: DataSite) -> None:
    *runs, heartbeat = reported(site)
    assert [run["RunName"] for run in runs] == [f"failed-{number}" for number in range(FAILED)]
    assert {(run["Flow"], run["Deployment"], run["State"]) for run in runs} == {("ingest", "to-open", "FAILED")}
    assert [run["Message"] for run in runs[:2]] == ["no file 0", "no file 1"]
    assert all(0 <= run["DelaySeconds"] < 300 for run in runs)
    assert (heartbeat["Kind"], heartbeat["State"]) == ("heartbeat", "COMPLETE")


def test_a_run_that_waits_for_a_paused_pool_is_reported_once(site: DataSite) -> None:
    *soon, heartbeat = reported(site, 6)
    late = {run["RunName"]: run for run in soon if run["State"] == "LATE"}
    assert {"late-open", "late-paused"} == {run.rpartition("x")[2] for run in late}
    assert late["late-paused"]["Message"].startswith("the work pool paused is paused")
    assert "work pool paused is paused: 1 runs wait" in heartbeat["Message"]
    *later, heartbeat = reported(site, 20)
    assert "late-open" in {run["RunName"] for run in later}
    assert "late-paused" not in {run["RunName"] for run in later}
    assert "work pool paused is paused: 1 runs wait" in heartbeat["Message"]


def test_stuck_and_silent_runs_are_reported_but_not_one_that_beats(site: DataSite) -> None:
    *runs, _ = reported(site, 20)
    states = {run["RunName"]: run["State"] for run in runs}
    assert states["pending"] == "PENDING"
    assert states["silent"] == "ZOMBIE"
    assert "beating" not in states


def test_what_could_not_be_read_is_in_the_heartbeat(site: DataSite) -> None:
    *runs, heartbeat = reported(site, 20, ("/events/filter", "/no-such/filter"))
    assert "silent" not in {run["RunName"] for run in runs}
    assert heartbeat["State"] == "PARTIAL"
    assert "heartbeats of flow runs could not be read" in heartbeat["Message"]
    *runs, heartbeat = reported(site, 0, ("MAX_PAGES = 25", "MAX_PAGES = 0"))
    assert runs == []
    assert "failed runs: the others are left out" in heartbeat["Message"]
