"""The API server of a cluster for its pods: roles of service accounts, jobs, pods, logs and watches."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from installer.emulator.prefect.processes import Processes
from installer.emulator.providers.durations import length_of_action
from installer.emulator.providers.kubernetes.api_server import ApiError, target_of
from installer.emulator.providers.kubernetes.pod_containers import api_path
from installer.emulator.providers.kubernetes.watch_log import WatchLog
from installer.emulator.providers.kubernetes.workloads import hosted_by
from installer.json_access import JsonObject, as_list, as_text, member
from installer.jsontypes import Json
from tests.emulator.asgi_client import Local, local
from tests.emulator.in_memory import run
from tests.emulator.providers.kubernetes.test_cluster_commands import CLUSTER, cluster, granted, manifest, said
from tests.processes import until

WORKER: Final = "system:serviceaccount:ff:worker"
JOBS: Final = f"{api_path(CLUSTER)}/apis/batch/v1/namespaces/ff/jobs"
PODS: Final = f"{api_path(CLUSTER)}/api/v1/namespaces/ff/pods"
RULES: Final[list[Json]] = [
    {"apiGroups": ["batch"], "resources": ["jobs"], "verbs": ["create", "get", "list", "watch", "delete"]},
    {"apiGroups": [""], "resources": ["pods", "pods/log"], "verbs": ["get", "list", "watch"]},
]
ALLOWED: Final[JsonObject] = {
    "apiVersion": "v1",
    "kind": "List",
    "items": [
        manifest("Namespace", "v1", "ff"),
        manifest("Role", "rbac.authorization.k8s.io/v1", "worker", rules=RULES),
        manifest(
            "RoleBinding",
            "rbac.authorization.k8s.io/v1",
            "worker",
            roleRef={"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "worker"},
            subjects=[{"kind": "ServiceAccount", "name": "worker", "namespace": "ff"}],
        ),
    ],
}


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    with Processes(tmp_path / "prefect") as found, hosted_by(found):
        yield found


def job(*command: str, **spec: Json) -> JsonObject:
    """A job with a generated name, as a worker makes it."""
    labels: JsonObject = {"prefect.io/flow-run-id": "1"}
    container: JsonObject = {"name": "c", "image": "docker.io/x:1", "args": list(command)}
    template: JsonObject = {
        "metadata": {"labels": labels},
        "spec": {"restartPolicy": "Never", "containers": [container]},
    }
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"generateName": "run-", "labels": labels},
        "spec": {"backoffLimit": 0, "template": template, **spec},
    }


async def prepared(it: Local) -> None:
    await cluster(it)
    await granted(it)
    await it.clock.advance(length_of_action("roleTakesEffect"))
    assert (await said(it, "kubectl apply -f m.json", {"m.json": ALLOWED}))[0] == 0


def bearer(it: Local, subject: str = WORKER, audience: str = api_path(CLUSTER)) -> dict[str, str]:
    return {"authorization": f"Bearer {it.azure.identity.signed({'aud': audience, 'sub': subject})}"}


def test_a_service_account_may_do_what_its_roles_allow(tmp_path: Path) -> None:
    it = local(tmp_path)

    async def story() -> None:
        await prepared(it)
        assert (await it.ask("GET", JOBS, headers=bearer(it, audience="/kubernetes/other"))).status == 401
        assert (await it.ask("GET", JOBS, headers=bearer(it))).status == 200
        refused = await it.ask("GET", f"{api_path(CLUSTER)}/apis/batch/v1/jobs", headers=bearer(it))
        assert (refused.status, refused.json["message"]) == (
            403,
            (
                'jobs.batch is forbidden: User "system:serviceaccount:ff:worker" cannot list resource "jobs" in API group '
                '"batch" at the cluster scope'
            ),
        )
        stranger = await it.ask("POST", JOBS, job("x"), headers=bearer(it, "system:serviceaccount:ff:other"))
        assert stranger.status == 403
        unknown = await it.ask("POST", JOBS, job("x", comletions=1), headers=bearer(it))
        assert (unknown.status, unknown.json["reason"]) == (400, "BadRequest")
        missing = await it.ask("GET", f"{JOBS}/none", headers=bearer(it))
        assert (missing.status, missing.json["message"]) == (404, 'jobs.batch "none" not found')

    run(story())


def test_discovery_lists_the_kinds(tmp_path: Path) -> None:
    it = local(tmp_path)

    async def story() -> None:
        await prepared(it)
        found = (await it.ask("GET", f"{api_path(CLUSTER)}/apis/batch/v1", headers=bearer(it))).json
        assert [member(one, "name") for one in as_list(found["resources"])] == ["jobs", "cronjobs"]

    run(story())


def test_a_job_runs_as_a_process_and_its_pod_shows_its_end(tmp_path: Path, processes: Processes) -> None:
    it = local(tmp_path)

    async def story() -> None:
        await prepared(it)
        made = await it.ask(
            "POST", JOBS, job("python", "-c", "print('hello'); raise SystemExit(3)"), headers=bearer(it)
        )
        name = as_text(member(made.json, "metadata", "name"))
        assert (made.status, name[:4], len(name)) == (201, "run-", 9)

        for _ in range(600):
            if member((await it.ask("GET", f"{JOBS}/{name}", headers=bearer(it))).json, "status", "failed"):
                break
            await asyncio.sleep(0.05)
        (pod,) = as_list(
            (await it.ask("GET", f"{PODS}?labelSelector=job-name={name}", headers=bearer(it))).json["items"]
        )
        assert member(pod, "status", "phase") == "Failed"
        assert member(pod, "metadata", "labels", "prefect.io/flow-run-id") == "1"
        (container,) = as_list(member(pod, "status", "containerStatuses"))
        assert member(container, "state", "terminated", "exitCode") == 3
        log = await it.ask("GET", f"{PODS}/{as_text(member(pod, 'metadata', 'name'))}/log", headers=bearer(it))
        assert log.text == "hello\n"
        others = await it.ask("GET", f"{PODS}?labelSelector=job-name!={name}", headers=bearer(it))
        assert others.json["items"] == []

    run(story())


def test_a_deleted_job_is_ended_and_a_finished_one_expires(tmp_path: Path, processes: Processes) -> None:
    it = local(tmp_path)

    async def story() -> None:
        await prepared(it)
        marker = tmp_path / "ended"
        program = f"import signal, sys, time, pathlib; signal.signal(15, lambda *_: (pathlib.Path({str(marker)!r}).touch(), sys.exit(0))); time.sleep(600)"
        made = await it.ask("POST", JOBS, job("python", "-c", program), headers=bearer(it))
        name = as_text(member(made.json, "metadata", "name"))
        await asyncio.sleep(1)
        assert (await it.ask("DELETE", f"{JOBS}/{name}", headers=bearer(it))).status == 200
        assert (await it.ask("GET", f"{JOBS}/{name}", headers=bearer(it))).status == 404
        await asyncio.to_thread(until, marker.exists, "the process was ended")
        short = await it.ask("POST", JOBS, job("python", "-c", "", ttlSecondsAfterFinished=0), headers=bearer(it))
        where = f"{JOBS}/{as_text(member(short.json, 'metadata', 'name'))}"
        for _ in range(600):
            await it.clock.advance(1e9)  # the end of a process has the time of the machine
            if (await it.ask("GET", where, headers=bearer(it))).status == 404:
                return
            await asyncio.sleep(0.05)
        raise AssertionError("the job still exists")

    run(story())


def test_a_watch_tells_changes_in_order_and_begins_with_what_exists(tmp_path: Path) -> None:
    it = local(tmp_path)

    async def story() -> None:
        await prepared(it)
        await it.ask("POST", JOBS, job("x"), headers=bearer(it))
        found = await it.ask("GET", f"{JOBS}?watch=true&timeoutSeconds=1", headers=bearer(it))
        (line,) = found.text.splitlines()
        assert json.loads(line)["type"] == "ADDED"
        listed = (await it.ask("GET", JOBS, headers=bearer(it))).json
        revision = as_text(member(listed, "metadata", "resourceVersion"))
        (one,) = as_list(listed["items"])
        await it.ask("DELETE", f"{JOBS}/{as_text(member(one, 'metadata', 'name'))}", headers=bearer(it))
        later = await it.ask(
            "GET", f"{JOBS}?watch=true&timeoutSeconds=1&resourceVersion={revision}", headers=bearer(it)
        )
        assert [json.loads(line)["type"] for line in later.text.splitlines()] == ["DELETED"]

    run(story())


def test_a_log_forgets_old_changes_and_says_so() -> None:
    log = WatchLog()
    begun = log.revision
    for number in range(2500):
        log.update([{"metadata": {"uid": "1"}, "number": number}])
    assert log.since(begun) is None
    assert [event.type for event in log.since(log.revision - 1) or []] == ["MODIFIED"]


@pytest.mark.parametrize("path", ["apis/batch/v2/jobs", "api/v1/nothing", "apis", "api/v1/namespaces/a/pods/b/c/d"])
def test_an_unknown_path_is_not_found(path: str) -> None:
    with pytest.raises(ApiError, match="could not find the requested resource"):
        target_of(path)
