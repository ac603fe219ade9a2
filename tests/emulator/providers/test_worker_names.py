"""A worker of Prefect has the name of its environment and its pod or replica, in Azure and in a rehearsal."""

from pathlib import Path
from typing import TYPE_CHECKING

from installer.emulator.providers.kubernetes.pods import container_of, pods_of, with_pod_fields
from installer.emulator.providers.kubernetes.workloads import Container, NoWorkloadHost, hosted_by
from installer.estate.parameters import PLACEHOLDER_OUTPUTS
from installer.estate.parameters.context import Installation
from installer.estate.parameters.controlplane import control_plane
from installer.estate.parameters.kubernetes import prefect
from installer.estate.parameters.kubernetes.objects import Home
from installer.json_access import JsonObject, as_object, as_text, member, objects_of
from tests.bicep.answers_variants import answers
from tests.emulator.asgi_client import API, local
from tests.emulator.in_memory import GROUP, run
from tests.emulator.providers.test_services import registered

if TYPE_CHECKING:
    from installer.jsontypes import Json

UID = "0b6e1f2c-7d44-4a0e-9a53-1f0f2c7d9e10"


class Recording(NoWorkloadHost):
    """Records the containers that are kept running."""

    def __init__(self) -> None:
        self.kept: list[Container] = []

    def keep(self, where: str, container: Container) -> None:  # noqa: ARG002  the protocol's
        """Record it."""
        self.kept.append(container)


def name_in(command: tuple[str, ...]) -> str:
    assert command[:3] == ("prefect", "worker", "start")
    return command[command.index("--name") + 1]


def test_in_a_cluster_it_is_the_name_of_its_pod() -> None:
    it = Installation(answers("dev"))
    manifests = prefect.worker(Home(it, it.site("dev"), PLACEHOLDER_OUTPUTS))
    (deployment,) = (one for one in manifests if one["kind"] == "Deployment")
    metadata: JsonObject = {**as_object(deployment["metadata"]), "uid": UID}
    owner: JsonObject = {**deployment, "metadata": metadata, "status": {"replicas": 1, "readyReplicas": 1}}
    (pod,) = pods_of(owner, None, None)
    container = with_pod_fields(container_of(owner), owner, UID)
    assert name_in(container.command) == f"dev-{as_text(member(pod, 'metadata', 'name'))}"


def test_variables_in_a_command_are_replaced_as_kubernetes_does() -> None:
    owner: JsonObject = {"metadata": {"name": "x", "namespace": "ff"}, "spec": {"template": {"spec": {}}}}
    given = Container("image", ("$(A)-$(B)", "$$(A)", "$A $( )"), {"A": "1"})
    assert with_pod_fields(given, owner, UID).command == ("1-$(B)", "$(A)", "$A $( )")


def test_in_container_apps_it_is_the_name_of_its_replica(tmp_path: Path) -> None:
    platform: dict[str, Json] = {"runtime": "container_apps"}
    apps = control_plane(Installation(answers("qa", platform=platform)), PLACEHOLDER_OUTPUTS, "qa")["apps"]
    (worker,) = (one for one in objects_of(apps) if as_text(one["name"]).endswith("-worker"))
    container: Json = {"name": "main", "image": "docker.io/x:1", "command": worker["command"]}
    app = f"{GROUP}/providers/Microsoft.App/containerApps/app-worker"

    async def deploy(recording: Recording) -> None:
        it = local(tmp_path)
        registered(it)
        await it.ask("PUT", f"{GROUP}?api-version={API}", {"location": "westeurope"})
        body: Json = {"location": "westeurope", "properties": {"template": {"containers": [container]}}}
        assert (await it.ask("PUT", f"{app}?api-version=2025-07-01", body)).status == 201
        await it.done()

    recording = Recording()
    with hosted_by(recording):
        run(deploy(recording))
    (kept,) = {one.command: one for one in recording.kept}.values()
    replica = kept.settings["CONTAINER_APP_REPLICA_NAME"]
    assert replica.startswith("app-worker--")
    assert name_in(kept.command) == f"qa-{replica}"
    assert "--with-healthcheck" in kept.command
