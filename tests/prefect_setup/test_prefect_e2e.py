"""A real server and worker: objects are created, kept, updated, and verified by a real flow run."""

import dataclasses
import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import SecretStr

from installer.emulator.prefect.local import LOOPBACK
from installer.emulator.prefect.processes import Processes
from installer.emulator.providers.kubernetes.workloads import Container
from installer.errors import Interrupted, PrefectFailed, VerificationFailed
from installer.job_program.changes import Change
from installer.json_access import as_object, objects_of
from installer.jsontypes import Json
from installer.prefect_setup import acceptance
from installer.prefect_setup.acceptance import prove
from installer.prefect_setup.desired import PROJECT, FlowRunLocation, describe, pool_name
from installer.prefect_setup.lost_runs import lost_runs
from installer.prefect_setup.model import Estate
from installer.prefect_setup.rest import Api, ask
from tests.prefect_setup.prefect_server import World
from tests.prefect_setup.program_runner import Applied, apply
from tests.prefect_setup.sample_answers import answers
from tests.processes import PROC, command_lines, descendants, pause, until

pytestmark = pytest.mark.e2e
needs_proc = pytest.mark.skipif(not PROC.exists(), reason="looks at processes through /proc")

LONG = 180.0
"""Seconds that a first start may take on a busy machine."""
SECRET = "kv/secrets/prefect-auth"
OBJECTS = 12
"""Pool, queue, variable, credentials, four containers, canary, three automations."""


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A server to which the development environment was applied once, with its worker."""
    home = tmp_path_factory.mktemp("prefect")
    (dev,) = describe(
        answers("dev", runtime="container_apps"), FlowRunLocation.on_azure("flowforge/prefect@sha256:1")
    ).environments
    estate = Estate(
        (dataclasses.replace(dev, flows=PROJECT),)
    )  # as the embedded Azure replaces the folder of the image
    news = list[Change]()
    with pytest.MonkeyPatch.context() as patch, Processes(home) as processes:
        patch.setenv("AZURE_CLIENT_SECRET", "canary-of-the-caller")
        patch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
        processes.keep(
            "server",
            Container(
                "prefect",
                ("prefect", "server", "start"),
                secrets={"PREFECT_SERVER_API_AUTH_STRING": SECRET},
                names=(LOOPBACK,),
            ),
        )
        until(lambda: processes.ready_replicas("server", 1) == 1, "the server answers", LONG)
        (url,) = processes.addresses().values()
        api = Api(f"{url}/api", SecretStr(processes.secret(SECRET)), url)

        def emit(change: Change) -> None:
            news.append(change)
            if change.kind == "work pool":
                words = ("prefect", "worker", "start", "--pool", change.name, "--with-healthcheck")
                elsewhere = {
                    "PREFECT_API_URL": api.url,
                    "IDENTITY_ENDPOINT": "http://127.0.0.1:1/",
                    "IDENTITY_HEADER": "none",
                }
                processes.keep("worker", Container("prefect", words, elsewhere, {"PREFECT_API_AUTH_STRING": SECRET}))

        first = apply(api, estate, home=home, emit=emit)
        until(lambda: processes.ready_replicas("worker", 1) == 1, "the worker is well", LONG)
        yield World(api, home, estate, first, news)


def test_nobody_gets_in_without_the_password(emulator: World) -> None:
    wrong = Api(emulator.api.url, SecretStr("flowforge:guessed"), emulator.api.ui_url)
    refused = ask(wrong, "GET", f"/work_pools/{pool_name('dev')}")
    stranger = ask(emulator.api, "GET", f"/work_pools/{pool_name('dev')}", authorised=False)
    friend = ask(emulator.api, "GET", f"/work_pools/{pool_name('dev')}")
    assert [answer.status if answer else None for answer in (refused, stranger, friend)] == [401, 401, 200]
    with pytest.raises(PrefectFailed, match="rejected the password"):
        apply(wrong, emulator.estate, home=emulator.home, emit=lambda _: None)


def test_the_first_apply_creates_and_the_second_changes_nothing(emulator: World) -> None:
    assert emulator.first == Applied(created=OBJECTS, updated=0, unchanged=0)
    counts = {kind: len(items) for kind, items in emulator.objects().items()}
    # The second queue is the one that Prefect gives to every pool.
    assert counts == {"pools": 1, "queues": 2, "variables": 2, "blocks": 5, "deployments": 1, "flows": 1}
    ids, before = emulator.ids(), emulator.described()
    applied, done = emulator.apply()
    assert applied == Applied(created=0, updated=0, unchanged=OBJECTS)
    assert done == {}
    assert emulator.ids() == ids
    assert emulator.described() == before


def test_manual_changes_are_reverted(emulator: World) -> None:
    before = emulator.described()
    deployment = emulator.get("/deployments/name/canary/canary-dev")
    block = emulator.get("/block_types/slug/azure-blob-storage-container/block_documents/name/dev-gold")
    lake = emulator.get("/block_types/slug/azure-blob-storage-credentials/block_documents/name/dev-lake")
    queue = emulator.get(f"/work_pools/{pool_name('dev')}/queues/flowforge")
    emulator.patch(f"/work_pools/{pool_name('dev')}/queues/{queue['name']}", {"description": "mine"})
    emulator.patch("/variables/name/flowforge_dev", {"value": {"landing": "elsewhere"}, "tags": []})
    emulator.patch(
        f"/block_documents/{block['id']}", {"data": {"container_name": "silver"}, "merge_existing_data": True}
    )
    emulator.patch(f"/block_documents/{lake['id']}", {"data": {"connection_string": "x"}, "merge_existing_data": True})
    emulator.patch(f"/deployments/{deployment['id']}", {"parameters": {"environment": "prod"}, "tags": ["mine"]})
    assert emulator.described() != before

    applied, done = emulator.apply()

    assert done == dict.fromkeys(
        [
            "flowforge-dev/flowforge",
            "flowforge_dev",
            "azure-blob-storage-container/dev-gold",
            "azure-blob-storage-credentials/dev-lake",
            "canary-dev",
        ],
        "updated",
    )
    assert applied == Applied(created=0, updated=5, unchanged=OBJECTS - 5)
    assert emulator.described() == before


def test_changes_of_others_in_a_pool_are_kept_and_reported_while_ours_are_applied(emulator: World) -> None:
    (dev,) = emulator.estate.environments
    pool = emulator.get(f"/work_pools/{pool_name('dev')}")
    template = as_object(pool["base_job_template"])
    variables = as_object(as_object(template["variables"])["properties"])
    own: Json = {
        **as_object(variables["env"]),
        "default": {**as_object(as_object(variables["env"])["default"]), "THEIRS": "1"},
    }
    changed: Json = {
        **template,
        "variables": {**as_object(template["variables"]), "properties": {**variables, "env": own}},
    }
    emulator.patch(f"/work_pools/{pool_name('dev')}", {"concurrency_limit": 7, "base_job_template": changed})
    told: list[Change] = []
    later = dataclasses.replace(dev, pool=dataclasses.replace(dev.pool, description="new", concurrency_limit=9))
    apply(
        emulator.api, dataclasses.replace(emulator.estate, environments=(later,)), home=emulator.home, emit=told.append
    )
    (line,) = [one for one in told if one.kind == "work pool"]
    assert line.text == "work pool flowforge-dev updated: description"
    assert line.kept == ("concurrency_limit", "base_job_template.variables.properties.env.default.THEIRS")
    found = emulator.get(f"/work_pools/{pool_name('dev')}")
    assert (found["description"], found["concurrency_limit"], found["base_job_template"]) == ("new", 7, changed)
    emulator.patch(
        f"/work_pools/{pool_name('dev')}", {name: pool[name] for name in ("concurrency_limit", "base_job_template")}
    )
    emulator.apply()
    assert emulator.get(f"/work_pools/{pool_name('dev')}")["base_job_template"] == template


def test_the_canary_completes_on_the_worker(emulator: World) -> None:
    told: list[Change] = []
    proof = prove(emulator.api, "dev", "a run", emit=told.append, pause=pause, data=False)
    assert proof.state == "COMPLETED"
    assert [change.text for change in told][-1] == "canary of dev: Completed"
    run = emulator.get(f"/flow_runs/{proof.flow_run_id}")
    assert (run["work_pool_name"], run["work_queue_name"]) == ("flowforge-dev", "flowforge")
    assert (
        prove(emulator.api, "dev", "a run", emit=told.append, pause=pause, data=False) == proof
    )  # found again, not repeated


def test_a_canary_that_fails_says_why(emulator: World) -> None:
    emulator.patch("/variables/name/flowforge_dev", {"value": {"landing": "elsewhere"}})
    with pytest.raises(VerificationFailed, match=r"of dev is Failed: .*names no bronze, silver, gold"):
        prove(emulator.api, "dev", "a run that fails", emit=lambda _: None, pause=pause)
    _, done = emulator.apply()
    assert done == {"flowforge_dev": "updated"}


def test_a_hop_that_fails_is_named_with_its_reason_and_a_remedy(emulator: World) -> None:
    with pytest.raises(VerificationFailed) as caught:
        prove(emulator.api, "dev", "without an identity", emit=lambda _: None, pause=pause)
    assert str(caught.value).startswith("acceptance run of dev: token of the workload's identity failed (")
    assert "Check the federated credential of the service account" in str(caught.value)
    assert "copied" not in str(caught.value), "a hop that was not reached has not failed"


def test_what_is_for_azure_can_be_described_to_a_server_too(emulator: World) -> None:
    estate = describe(answers("qa", runtime="aks"), FlowRunLocation.on_azure("flowforge/prefect@sha256:1"))
    emulator.apply(estate)
    pool = emulator.get("/work_pools/flowforge-qa")
    assert pool["type"] == "kubernetes"
    template = json.dumps(pool["base_job_template"])
    assert '"default": "flowforge-qa-flows"' in template
    assert '"default": "crffcontoso.azurecr.io/flowforge/prefect@sha256:1"' in template
    deployment = emulator.get("/deployments/name/canary/canary-qa")
    assert FlowRunLocation.on_azure("flowforge/prefect@sha256:1").flows in json.dumps(deployment["pull_steps"])
    applied, _ = emulator.apply(estate)
    assert applied == Applied(created=0, updated=0, unchanged=OBJECTS)


def stop_after(told: list[Change]) -> Callable[[float], None]:
    """A stop request with the next reported change; a busy server is waited for."""
    before = len(told)

    def stop(seconds: float) -> None:
        if len(told) > before:
            raise Interrupted("stopped on request")
        pause(seconds)

    return stop


@pytest.mark.long
@pytest.mark.parametrize("last", ["prefect.flow-run.heartbeat", "prefect.flow-run.Running"])
def test_a_lost_run_has_crashed_and_starts_again_with_its_parameters(emulator: World, last: str) -> None:
    """`last`: the last event of the run before it was lost."""
    (dev,) = emulator.estate.environments
    quick = dataclasses.replace(dev, automations=lost_runs("dev", dev.pool.name, "process", seconds=10))
    _, done = emulator.apply(dataclasses.replace(emulator.estate, environments=(quick,)))
    assert done in ({quick.automations[0].name: "updated"}, {})  # the second case finds it so
    deployment = emulator.get("/deployments/name/canary/canary-dev")
    made = ask(
        emulator.api,
        "POST",
        f"/deployments/{deployment['id']}/create_flow_run",
        {"state": {"type": "RUNNING"}, "parameters": {"environment": "dev", "data": False}, "name": "lost"},
    )
    assert made is not None
    assert made.status == 201, made
    run = as_object(made.body)
    pool = emulator.get(f"/work_pools/{dev.pool.name}")
    related: list[Json] = [
        {
            "prefect.resource.id": f"prefect.work-pool.{pool['id']}",
            "prefect.resource.role": "work-pool",
            "prefect.resource.name": dev.pool.name,
        }
    ]
    event: Json = {
        "event": last,
        "resource": {"prefect.resource.id": f"prefect.flow-run.{run['id']}", "prefect.resource.name": "lost"},
        "related": related,
        "occurred": datetime.now(UTC).isoformat(),
        "id": str(uuid4()),
    }

    def names() -> list[str]:
        found = ask(emulator.api, "GET", f"/flow_run_states/?flow_run_id={run['id']}")
        assert found is not None
        return [str(state["name"]) for state in objects_of(found.body)]

    pause(6.0)  # the server loads automations every five seconds
    sent = ask(emulator.api, "POST", "/events", [event])
    assert sent is not None
    assert sent.status == 204
    until(lambda: "Completed" in names(), "the run has started again", LONG)
    assert names()[:3] == ["Running", "Crashed", "AwaitingRetry"]
    assert as_object(emulator.get(f"/flow_runs/{run['id']}")["parameters"]) == {"environment": "dev", "data": False}


def test_each_environment_is_proved_by_a_run_of_its_own(emulator: World) -> None:
    emulator.apply(describe(answers("qa"), FlowRunLocation.on_azure("flowforge/prefect@sha256:1")))
    told: list[Change] = []
    for environment in ("dev", "qa", "qa"):
        with pytest.raises(Interrupted, match="stopped on request"):
            prove(emulator.api, environment, "one key for both", emit=told.append, pause=stop_after(told))
    dev, qa, again = [change.name for change in told]
    assert dev != qa == again


def test_a_run_of_an_earlier_attempt_no_longer_holds_a_place_in_the_pool(emulator: World) -> None:
    emulator.apply(describe(answers("qa"), FlowRunLocation.on_azure("flowforge/prefect@sha256:1")))
    told: list[Change] = []
    for key in ("first", "second"):
        with pytest.raises(Interrupted, match="stopped on request"):
            prove(emulator.api, "qa", key, emit=told.append, pause=stop_after(told))
    names = [change.name for change in told]
    found = ask(emulator.api, "POST", "/flow_runs/filter", {"flow_runs": {"name": {"any_": list[Json](names)}}})
    assert found is not None
    runs = found.body
    assert isinstance(runs, list)
    states = {str(run["name"]): str(run["state_type"]) for run in runs if isinstance(run, dict)}
    assert [states[name] for name in names] == ["CANCELLED", "SCHEDULED"]


def test_a_run_that_was_killed_with_its_worker_is_given_up_for_a_new_one(
    emulator: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Change] = []

    def stop_at_the_new_one(seconds: float) -> None:
        if len({change.name for change in told}) > 1:
            raise Interrupted("stopped on request")
        pause(seconds)

    emulator.apply(describe(answers("qa"), FlowRunLocation.on_azure("flowforge/prefect@sha256:1")))
    monkeypatch.setattr(acceptance, "STUCK_SECONDS", 0.0)  # however young it is: its worker was killed

    for pausing in (stop_after(told), stop_at_the_new_one):
        with pytest.raises(Interrupted, match="stopped on request"):
            prove(emulator.api, "qa", "stuck", emit=told.append, pause=pausing)
    assert told[0].name != told[-1].name
    assert len({change.name for change in told}) == 2, (
        "the second attempt continues the run of the first, then replaces it"
    )


def test_a_pool_of_another_type_is_not_taken_over(emulator: World) -> None:
    (dev,) = emulator.estate.environments
    other = dataclasses.replace(dev, pool=dataclasses.replace(dev.pool, type="kubernetes"))
    with pytest.raises(PrefectFailed, match=r"flowforge-dev is of type process instead of kubernetes"):
        emulator.apply(dataclasses.replace(emulator.estate, environments=(other,)))


def test_what_prefect_says_about_a_broken_project_reaches_the_user(emulator: World, tmp_path: Path) -> None:
    (tmp_path / "prefect.yaml").write_text(
        "deployments: [{name: x, entrypoint: 'none.py:x', work_pool: {name: flowforge-dev, work_queue_name: flowforge}}]"
    )
    with pytest.raises(PrefectFailed, match=r"(?s)prefect deploy failed .*none\.py"):
        emulator.apply(dataclasses.replace(emulator.estate, project=str(tmp_path)))


@needs_proc
def test_the_password_stands_in_no_command_line_log_or_database(emulator: World) -> None:
    secret = emulator.api.auth.get_secret_value()
    assert [line for line in command_lines().values() if secret in line or secret.split(":")[1] in line] == []
    files = [file for file in emulator.home.rglob("*") if file.is_file()]
    assert {"server.log", "apply.log", "prefect.db"} <= {file.name for file in files}
    assert [file for file in files if secret.split(":")[1].encode() in file.read_bytes()] == []


@needs_proc
def test_children_get_nothing_of_the_callers_environment(emulator: World) -> None:
    ours = [pid for pid in descendants(os.getpid()) if "prefect" in command_lines().get(pid, "")]
    assert len(ours) >= 2
    for pid in ours:
        environment = (PROC / str(pid) / "environ").read_bytes()
        assert b"canary-of-the-caller" not in environment
        assert b"127.0.0.1:9/" not in environment
