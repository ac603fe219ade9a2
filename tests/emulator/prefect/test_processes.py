"""Real processes of the emulator: jobs whose results survive a restart, and nothing but Prefect's commands."""

from pathlib import Path
from typing import TYPE_CHECKING

from installer.emulator.prefect.processes import Processes
from installer.emulator.prefect.restore import restore
from installer.emulator.providers.kubernetes.pods import container_in
from installer.emulator.providers.kubernetes.workloads import Container, Ended, NoWorkloadHost, hosted_by
from installer.emulator.state.resources import Resource
from tests.emulator.asgi_client import local
from tests.processes import until

if TYPE_CHECKING:
    from installer.json_access import JsonObject
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


def test_workloads_of_other_images_are_assumed_to_succeed(tmp_path: Path) -> None:
    with Processes(tmp_path / "none") as processes:
        processes.keep("/apps/web", Container("web", ("node", "server.js")))
        processes.run("/jobs/bootstrap", Container("x", ("flowforge", "bootstrap")))
        assert processes.ready("/apps/web")
        assert processes.outcome("/jobs/bootstrap", over=False) is None
        assert processes.outcome("/jobs/bootstrap", over=True) == Ended(0)
        assert "nothing was run" in processes.log("/jobs/bootstrap")
        assert processes.address() == ""
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
    container: JsonObject = {
        "image": "prefect",
        "command": ["prefect", "server", "start"],
        "env": [{"name": "A", "value": "b"}, {"name": "KEPT", "secretRef": "kept"}],
    }
    template: Json = {"containers": [container]}
    app: JsonObject = {"properties": {"template": template}}
    deployment: JsonObject = {"kind": "Deployment", "spec": {"template": {"spec": template}}}
    for where, kind, desired in (
        (
            "/subscriptions/s/resourceGroups/g/providers/Microsoft.App/containerApps/a",
            "Microsoft.App/containerApps",
            app,
        ),
        ("/kubernetes/c/ff/deployment/d", "kubernetes/objects", deployment),
        ("/kubernetes/c/ff/job/j", "kubernetes/objects", {**deployment, "kind": "Job"}),
    ):
        it.emulator.resources.save(Resource(where, kind, "x", "v", "Succeeded", 0, 0, desired=desired))
    it.emulator.resources.save(
        Resource("/c", "Microsoft.ContainerService/managedClusters", "c", "v", "Succeeded", 0, 0)
    )
    with hosted_by(noting):
        restore(it.emulator)
    expected = Container("prefect", ("prefect", "server", "start"), {"A": "b"}, ("KEPT",))
    assert container_in(container) == expected
    assert sorted(where[-2:] for where in noting.kept) == ["/a", "/d"]
    assert set(map(repr, noting.kept.values())) == {repr(expected)}
