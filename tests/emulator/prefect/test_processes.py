"""Real processes of the emulator: jobs whose results survive a restart, and nothing but Prefect's commands."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from pydantic import SecretStr

from installer.emulator.prefect import jobs
from installer.emulator.prefect.cloud_server import secrets_of
from installer.emulator.prefect.processes import Processes
from installer.emulator.prefect.restore import restore
from installer.emulator.providers.kubernetes.workloads import Container, Ended, NoWorkloadHost, hosted_by
from installer.emulator.state.resources import Resource
from installer.json_access import JsonObject
from installer.prefect_setup.rest import Api, ask
from tests.emulator.asgi_client import local
from tests.processes import until

if TYPE_CHECKING:
    from installer.jsontypes import Json

SAYS = "import os; print(os.environ.get('TOLD'), 'AZURE_CLIENT_SECRET' in os.environ); raise SystemExit(3)"


def test_a_job_runs_and_its_result_survives_a_restart(tmp_path: Path) -> None:
    container = Container("x", ("python", "-c", SAYS), {"TOLD": "so", "PREFECT_SERVER_DATABASE_HOST": "far-away"})
    with Processes(tmp_path) as processes:
        processes.run("/jobs/One", container)
        until(lambda: processes.outcome("/jobs/one", over=False) is not None, "the job has ended", 120.0)
        assert processes.outcome("/jobs/one", over=False) == Ended(3)
        assert processes.log("/jobs/one") == "so False\n"
    with Processes(tmp_path) as later:
        assert later.outcome("/jobs/one", over=False) == Ended(3)


def test_a_job_that_runs_again_has_a_log_of_its_own(tmp_path: Path) -> None:
    container = Container("x", ("python", "-c", SAYS), {"TOLD": "so"})
    with Processes(tmp_path) as processes:
        for _ in range(2):
            processes.run("/jobs/one", container)
            until(lambda: processes.outcome("/jobs/one", over=False) is not None, "the job has ended", 120.0)
        assert processes.log("/jobs/one") == "so False\n"


def test_a_job_interrupted_by_a_server_stop_has_failed(tmp_path: Path) -> None:
    with Processes(tmp_path) as processes:
        processes.run("/jobs/one", Container("x", ("python", "-c", "import time; time.sleep(600)")))
        assert processes.outcome("/jobs/one", over=True) is None
    with Processes(tmp_path) as later:
        assert later.outcome("/jobs/one", over=False) == Ended(1)
        assert later.log("/jobs/one") == "", "it ran, and wrote nothing"


def test_workloads_of_other_images_are_assumed_to_succeed(tmp_path: Path) -> None:
    with Processes(tmp_path / "none") as processes:
        processes.keep("/apps/web", Container("web", ("node", "server.js")))
        processes.run("/jobs/bootstrap", Container("x", ("flowforge", "bootstrap")))
        assert processes.ready_replicas("/apps/web", 2) == 2
        assert processes.outcome("/jobs/bootstrap", over=False) is None
        assert processes.outcome("/jobs/bootstrap", over=True) == Ended(0)
        assert "nothing was run" in processes.log("/jobs/bootstrap")
        assert processes.addresses() == {}
    assert not (tmp_path / "none").exists()


class Noting(NoWorkloadHost):
    """Notes what is to be kept running."""

    def __init__(self) -> None:
        self.kept: dict[str, Container] = {}

    def keep(self, where: str, container: Container) -> None:
        """Note it."""
        self.kept[where] = container


def test_a_restarted_server_restores_its_workloads(tmp_path: Path) -> None:
    it, noting = local(tmp_path), Noting()
    env: list[Json] = [{"name": "A", "value": "b"}, {"name": "KEPT", "secretRef": "kept"}]
    container: JsonObject = {"image": "prefect", "command": ["prefect", "server", "start"], "env": env}
    template: Json = {"containers": [container]}
    kept: Json = [{"name": "kept", "keyVaultUrl": "https://kv.vault.azure.net/secrets/auth"}]
    app: JsonObject = {"properties": {"template": template, "configuration": {"secrets": kept}}}
    deployment: JsonObject = {
        "kind": "Deployment",
        "metadata": {"name": "d", "namespace": "ff"},
        "spec": {"template": {"spec": {"containers": [{**container, "env": env[:1]}]}}},
    }
    group = "subscriptions/s/resourceGroups/g/providers"
    cluster = f"{group}/Microsoft.ContainerService/managedClusters/c"
    for where, kind, desired in (
        (f"/{group}/Microsoft.App/containerApps/a", "Microsoft.App/containerApps", app),
        (f"/{cluster}", "Microsoft.ContainerService/managedClusters", JsonObject()),
        (f"/kubernetes/{cluster.lower()}/ff/deployment/d", "kubernetes/objects", deployment),
        (f"/kubernetes/{cluster.lower()}/ff/job/j", "kubernetes/objects", {**deployment, "kind": "Job"}),
    ):
        it.emulator.resources.save(Resource(where, kind, "x", "v", "Succeeded", 0, 0, desired=desired))
    it.emulator.resources.save(
        Resource("/c", "Microsoft.ContainerService/managedClusters", "c", "v", "Succeeded", 0, 0)
    )
    with hosted_by(noting):
        restore(it.emulator)
    found = {where[-2:]: one for where, one in noting.kept.items()}
    assert sorted(found) == ["/a", "/d"]
    for one in found.values():
        assert (one.command, one.settings["A"]) == (("prefect", "server", "start"), "b")
    assert found["/a"].secrets == {"KEPT": "kv/auth"}
    assert found["/d"].names == ("d.ff.svc",)
    assert found["/d"].access is not None


def test_a_template_that_has_changed_starts_its_process_again(tmp_path: Path) -> None:
    server = Container(
        "prefect", ("prefect", "server", "start"), secrets={"PREFECT_SERVER_API_AUTH_STRING": "kv/auth/1"}
    )
    with Processes(tmp_path) as processes:
        processes.keep("server", server)
        until(lambda: processes.ready_replicas("server", 1) == 1, "the server answers", 180.0)
        (first,) = processes.addresses().values()
        processes.keep("server", server)
        assert processes.addresses(), "the same template changes nothing"
        processes.keep("server", replace(server, secrets={"PREFECT_SERVER_API_AUTH_STRING": "kv/auth/2"}))
        assert processes.ready_replicas("server", 1) == 0
        until(lambda: processes.ready_replicas("server", 1) == 1, "it has started again", 180.0)
        assert list(processes.addresses().values()) == [first]
        api = Api(f"{first}/api", SecretStr(processes.secret("kv/auth/1")), first)
        old = ask(api, "GET", "/admin/version")
        new = ask(Api(api.url, SecretStr(processes.secret("kv/auth/2")), first), "GET", "/admin/version")
        assert [answer.status if answer else None for answer in (old, new)] == [401, 200]


FAILS: Final = "import pathlib; p = pathlib.Path('tries'); p.write_text(p.read_text() + 'x' if p.exists() else 'x'); raise SystemExit(2)"


def test_a_job_is_tried_again_and_ends_at_its_deadline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_BACKOFF_SECONDS", 0.0)
    with Processes(tmp_path) as processes:
        processes.run("/jobs/again", Container("x", ("python", "-c", FAILS), retries=2))
        until(lambda: processes.outcome("/jobs/again", over=False) is not None, "the job has ended", 120.0)
        ended = processes.outcome("/jobs/again", over=False)
        assert ended is not None
        assert (ended.code, ended.attempts, (tmp_path / "tries").read_text()) == (2, 3, "xxx")
        sleeps = Container("x", ("python", "-c", "import time; time.sleep(600)"), deadline=0.5)
        processes.run("/jobs/late", sleeps)
        until(lambda: processes.outcome("/jobs/late", over=False) is not None, "the job was ended", 120.0)
        late = processes.outcome("/jobs/late", over=False)
        assert late is not None
        assert late.late


def test_a_job_starts_once_what_it_calls_answers(tmp_path: Path) -> None:
    answers: list[str] = []
    command, container = ("/bin/sh", "-c", "exit 3"), Container("x", ())
    with Processes(tmp_path) as processes:
        found = jobs.Jobs(tmp_path, processes.children)
        found.start("/jobs/one", command, {}, container, lambda: bool(answers))
        assert found.outcome("/jobs/one") is None
        assert not found.results.log_of("/jobs/one").exists(), "it has not begun"
        answers.append("yes")
        until(lambda: found.outcome("/jobs/one") is not None, "the job has ended")
        assert found.outcome("/jobs/one") == Ended(3)
        found.start("/jobs/two", command, {}, container, lambda: False)
        found.end("/jobs/two")
        assert not found.results.began("/jobs/two"), "deleted before it began"


def test_programs_for_prefect_cloud_wait_for_the_server_in_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[bool] = []
    monkeypatch.setattr(jobs.Jobs, "start", lambda *_given: given.append(_given[-1]()))
    with Processes(tmp_path) as processes:
        processes.run("/jobs/one", Container("x", ("python",), {"PREFECT_API_URL": "https://api.prefect.cloud/api"}))
        processes.run("/jobs/two", Container("x", ("python",), {"PREFECT_API_URL": "https://prefect.internal/api"}))
    assert given == [False, True]


def test_clients_of_prefect_cloud_sign_in_to_the_server_in_its_place() -> None:
    kept = {"PREFECT_API_KEY": "kv/prefect-cloud-key/1", "TEAM_TOKEN": "kv/team/1"}
    client = Container("x", ("python",), {"PREFECT_API_URL": "https://api.prefect.cloud/api"}, kept)
    assert secrets_of(client) == {"TEAM_TOKEN": "kv/team/1", "PREFECT_API_AUTH_STRING": "api.prefect.cloud"}
    other = replace(client, settings={"PREFECT_API_URL": "https://prefect.internal/api"})
    assert secrets_of(other) == kept
