"""Applying manifests to a cluster: once, to the desired state, with a role that lasts for the run only."""

import json
from collections.abc import Callable, Mapping

import pytest

from installer.cloud.clusters import ClusterCommands, CommandResult
from installer.cloud.errors import AzureRefused
from installer.cloud.rest import Service
from installer.engine.rights import held_rights
from installer.engine.step import Step
from installer.errors import DeploymentFailed, VerificationFailed, WaitingForInput
from installer.estate.parameters import PLACEHOLDER_OUTPUTS
from installer.estate.parameters.context import Installation
from installer.estate.parameters.kubernetes import former_objects
from installer.estate.parameters.kubernetes.objects import Home, Manifest
from installer.jsontypes import Json
from installer.steps import kubernetes as cluster_steps
from installer.steps.cluster import Cluster, RemoveClusterRole
from installer.steps.kubernetes import ApplyManifests
from installer.steps.workloads import workload_steps
from tests.bicep.answers_variants import HUB, answers
from tests.steps.prerequisites import put
from tests.steps.step_context import GROUPS, Attempt

INGESTION: dict[str, Json] = {
    "ingestionEndpoint": "https://dce.example",
    "ingestionRule": "dcr-1",
    "ingestionStream": "Custom-FlowForgeRuns_CL",
}
OUTPUTS = {**PLACEHOLDER_OUTPUTS, "observability": INGESTION}


def built(azure: Service, prefix: str, *, existing: bool = False) -> Installation:
    """An environment whose cluster has no local accounts; `existing`: in a network of others."""
    network = {
        "mode": "existing",
        "hub_id": HUB,
        "hub_subnet": "endpoints",
        "spoke_ids": [f"dev={HUB}-dev"],
        "dns": "policy",
    }
    it = Installation(answers("dev", prefix=prefix, network=network if existing else {}))
    group = f"{GROUPS}/{it.names.group('dev')}"
    put(azure, group, "2025-04-01", location="swedencentral")
    where = f"{group}/providers/Microsoft.ContainerService/managedClusters/{it.names.kubernetes('dev')}"
    put(
        azure,
        where,
        "2026-03-01",
        location="swedencentral",
        identity={"type": "SystemAssigned"},
        properties={
            "dnsPrefix": "aks",
            "disableLocalAccounts": True,
            "networkProfile": {"networkDataplane": "cilium"},
            "oidcIssuerProfile": {"enabled": True},
        },
    )
    identity = it.names.identity("dev", "dbadmin")
    where = f"{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{identity}"
    put(azure, where, "2024-11-30", location="swedencentral")
    return it


def steps_of(azure: Service, it: Installation) -> list[Step]:
    return list(workload_steps(it, azure, {"observability", "secrets-dev"}, "appr-1", {}))


def test_manifests_are_applied_once_and_the_temporary_role_is_removed(azure: Service) -> None:
    it = built(azure, "clua")
    steps, first = steps_of(azure, it), Attempt(outputs=dict(OUTPUTS))
    assert [step.key for step in steps] == [
        f"{name}-dev"
        for name in (
            *(
                "cluster",
                "bootstrap",
                "check",
                "migrate",
                "upgrade",
                "prefect",
                "worker",
                "register",
                "canary",
                "reporter",
            ),
            *("database-access", "leave"),
        )
    ]
    assert {step.key: first.run(step)[0] for step in steps} == {
        step.key: "was so" if step.key == "database-access-dev" else "done" for step in steps
    }
    assert any("cluster administrator" in text for text in first.texts("warning"))
    created = {event.resource for event in first.events if event.text == "created"}
    assert {"namespace/flowforge-dev", "deployment.apps/prefect-server", "cronjob.batch/flowforge-reporter"} <= created
    second = Attempt(outputs=dict(OUTPUTS))
    again = {step.key: second.run(step)[0] for step in steps[:-1]}
    assert {key for key, state in again.items() if state == "done"} == {"register-dev"}, "it compares, and sets right"
    assert second.run(steps[-1])[0] == "done", "the role was needed to read, and is removed again"
    assert second.run(steps[-1])[0] == "was so"


def test_manual_changes_are_corrected(azure: Service) -> None:
    it = built(azure, "club")
    steps, attempt = steps_of(azure, it), Attempt(outputs=dict(OUTPUTS))
    for step in steps[:4]:
        attempt.run(step)
    base = steps[0]
    assert isinstance(base, ApplyManifests)
    changed = f"kubectl delete serviceaccount prefect-worker -n {it.names.namespace('dev')}"
    assert base.cluster.run(attempt.context(base), changed).code == 0
    again = Attempt(outputs=dict(OUTPUTS))
    assert again.run(base)[0] == "done"
    assert [event.resource for event in again.events if event.text == "created"] == ["serviceaccount/prefect-worker"]


def test_permissions_of_earlier_versions_are_removed(azure: Service) -> None:
    """In these the worker could create jobs with every service account of the services."""
    it = built(azure, "clug")
    steps, attempt = {step.key: step for step in steps_of(azure, it)}, Attempt(outputs=dict(OUTPUTS))
    for key in ("cluster-dev", "bootstrap-dev", "upgrade-dev", "prefect-dev", "worker-dev"):
        attempt.run(steps[key])
    worker = steps["worker-dev"]
    assert isinstance(worker, ApplyManifests)
    assert attempt.run(worker)[0] == "was so"
    former = former_objects.former_permissions(Home(it, it.site("dev"), OUTPUTS))
    worker.cluster.apply(attempt.context(worker), former)
    assert attempt.run(worker)[0] == "done"
    assert worker.cluster.read(attempt.context(worker), former) == []
    assert attempt.run(worker)[0] == "was so"


def test_in_an_existing_network_the_address_of_prefect_is_reported(azure: Service) -> None:
    it = built(azure, "clud", existing=True)
    attempt = Attempt(outputs=dict(OUTPUTS))
    for step in steps_of(azure, it)[:-1]:
        attempt.run(step)
    (left,) = {str(event.data["left"]) for event in attempt.events if event.data.get("left")}
    host = "prefect-server.flowforge-dev.svc"
    setting = f"the setting PREFECT_API_URL=https://{host}:4200/api"
    assert left == f"Web app of dev: add {setting}, and {host} in its DNS for 10.255.0.10"


class Scripted:
    """A cluster with configured responses, by the word after kubectl."""

    def __init__(self, **answers: Callable[[], CommandResult]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    class arm:  # noqa: N801  a stub of the service
        """Passes quickly."""

        class target:  # noqa: N801  a stub of its target
            """Passes quickly."""

            speed = 1_000_000.0

    def run(self, command: str, files: dict[str, str], pause: object) -> CommandResult:  # noqa: ARG002  the client's
        """The configured response."""
        self.asked.append(command)
        return self.answers[command.split()[1]]()

    role_assignment_id = "/subscriptions/s/x"

    def assign_role(self) -> None:
        """Nothing comes of it."""


JOB: Manifest = {"kind": "Job", "apiVersion": "batch/v1", "metadata": {"name": "j", "namespace": "n"}}


def lay(scripted: Scripted, *manifests: Manifest) -> ApplyManifests:
    commands: ClusterCommands = scripted  # type: ignore[assignment]  # a partial stub
    return ApplyManifests(Cluster(commands, "dev"), "k", "t", lambda _context: manifests, ())


def test_a_failed_job_is_reported_with_its_log_and_deleted_before_the_retry() -> None:
    failed = '{"kind": "Job", "metadata": {"name": "j", "namespace": "n"}, "status": {"failed": 1}}'
    log = "connecting\npassword authentication failed"
    scripted = Scripted(
        get=lambda: CommandResult(0, failed),
        apply=lambda: CommandResult(0, "job.batch/j created"),
        logs=lambda: CommandResult(0, log),
        delete=lambda: CommandResult(0, ""),
    )
    with pytest.raises(DeploymentFailed, match="password authentication failed"):
        Attempt().run(lay(scripted, {**JOB, "apiVersion": "batch/v1"}))
    assert "kubectl delete job/j -n n --ignore-not-found" in scripted.asked


def test_manifests_rejected_by_the_cluster_are_reported() -> None:
    scripted = Scripted(get=lambda: CommandResult(0, ""), apply=lambda: CommandResult(1, "quota exceeded"))
    with pytest.raises(DeploymentFailed, match="quota exceeded"):
        Attempt().run(lay(scripted, JOB))


def test_a_refusal_by_admission_is_no_missing_role() -> None:
    text = 'Error from server (Forbidden): error when creating "f": pods "p" is forbidden: violates PodSecurity'
    scripted = Scripted(get=lambda: CommandResult(0, ""), apply=lambda: CommandResult(1, text))
    with pytest.raises(DeploymentFailed, match="violates PodSecurity"):
        Attempt().run(lay(scripted, JOB))
    assert [line.split()[1] for line in scripted.asked].count("apply") == 1


def test_pods_that_the_cluster_refuses_are_reported_with_its_reason() -> None:
    reason = 'pods "d-" is forbidden: violates PodSecurity "restricted:latest": seccompProfile'
    condition: Json = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": reason}
    refused: Json = {
        "kind": "Deployment",
        "metadata": {"name": "d", "namespace": "n"},
        "spec": {"replicas": 1},
        "status": {"conditions": [condition]},
    }
    scripted = Scripted(
        get=lambda: CommandResult(0, json.dumps(refused)),
        apply=lambda: CommandResult(0, "Warning: would violate PodSecurity\ndeployment.apps/d created"),
    )
    wanted: Manifest = {
        "kind": "Deployment",
        "metadata": {"name": "d", "namespace": "n"},
        "spec": {"replicas": 1, "x": 1},
    }
    attempt = Attempt()
    with pytest.raises(DeploymentFailed, match="does not create the pods of deployment/d: pods"):
        attempt.run(lay(scripted, wanted))
    assert attempt.texts("warning") == ["the cluster warns: would violate PodSecurity"]


def test_a_role_that_never_takes_effect_is_reported() -> None:
    text = 'pods is forbidden: User "u" cannot list resource "pods" in API group "" in the namespace "n"'
    forbidden = CommandResult(1, f"Error from server (Forbidden): {text}")
    with pytest.raises(DeploymentFailed, match="has not taken effect"):
        Attempt().run(lay(Scripted(get=lambda: forbidden), JOB))


def test_objects_that_never_become_ready_are_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_steps, "READY_SECONDS", 0.0)
    waits = '{"kind": "Deployment", "metadata": {"name": "d", "namespace": "n"}, "spec": {"replicas": 2}, "status": {}}'
    scripted = Scripted(get=lambda: CommandResult(0, waits), apply=lambda: CommandResult(0, ""))
    wanted: Manifest = {"kind": "Deployment", "metadata": {"name": "d", "namespace": "n"}}
    with pytest.raises(VerificationFailed, match="deployment/d"):
        Attempt().run(lay(scripted, wanted))


def test_heartbeats_name_the_pending_objects_while_nothing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_steps, "READY_SECONDS", 0.5)
    monkeypatch.setattr(cluster_steps, "HEARTBEAT_SECONDS", 0.2)
    scripted = Scripted(get=lambda: CommandResult(0, json.dumps(JOB)), apply=lambda: CommandResult(0, ""))
    attempt = Attempt()
    with pytest.raises(VerificationFailed, match="job/j"):
        attempt.run(lay(scripted, JOB))
    assert attempt.texts("heartbeat") == ["waiting for job/j"] * 3


def test_a_missing_image_makes_the_step_wait_for_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_steps, "PODS_CHECK_SECONDS", 0.0)
    waiting: Json = {"waiting": {"reason": "ImagePullBackOff", "message": "manifest unknown"}}
    pod: Json = {"kind": "Pod", "status": {"containerStatuses": [{"image": "cr/flows:1", "state": waiting}]}}
    scripted = Scripted(get=lambda: CommandResult(0, json.dumps(pod)), apply=lambda: CommandResult(0, ""))
    wanted: Manifest = {"kind": "Deployment", "metadata": {"name": "d", "namespace": "n"}}
    with pytest.raises(WaitingForInput, match=r"cr/flows:1: manifest unknown. Push it"):
        Attempt().run(lay(scripted, wanted))
    pods = [one for one in scripted.asked if " get pods " in one]
    assert pods, "the pods of finished jobs, with their programs, would be more than the output of a command may be"
    assert all("--field-selector=status.phase=Pending" in one for one in pods)


def test_invalid_json_is_an_error() -> None:
    with pytest.raises(DeploymentFailed, match="invalid JSON"):
        Attempt().run(lay(Scripted(get=lambda: CommandResult(0, "Warning: x")), JOB))


def test_a_lock_that_prevents_the_removal_of_the_role_is_reported(azure: Service) -> None:
    it = built(azure, "clue")
    group = f"{GROUPS}/{it.names.group('dev')}"
    clusters = f"{group}/providers/Microsoft.ContainerService/managedClusters"
    commands = ClusterCommands(azure, f"{clusters}/{it.names.kubernetes('dev')}")
    commands.assign_role()
    lock = f"{group}/providers/Microsoft.Authorization/locks/keep?api-version=2020-05-01"
    azure.ask("PUT", lock, {"properties": {"level": "CanNotDelete"}})
    attempt = Attempt()
    assert attempt.run(RemoveClusterRole(Cluster(commands, "dev"), "dev", ()))[0] == "done"
    (left,) = [str(event.data["left"]) for event in attempt.events if "left" in event.data]
    assert "az role assignment delete --ids /subscriptions/" in left
    azure.ask("DELETE", lock)
    assert Attempt().run(RemoveClusterRole(Cluster(commands, "dev"), "dev", ()))[0] == "done"
    assert not commands.has_role()


def test_leaving_is_only_about_our_own_right(azure: Service) -> None:
    it = built(azure, "cluc")
    where = f"{GROUPS}/{it.names.group('dev')}/providers/Microsoft.ContainerService/managedClusters"
    commands = ClusterCommands(azure, f"{where}/{it.names.kubernetes('dev')}")
    remove_role = RemoveClusterRole(Cluster(commands, "dev"), "dev", ())
    assert Attempt().run(remove_role)[0] == "was so"
    commands.assign_role()
    commands.assign_role()
    assert commands.has_role()
    attempt = Attempt()
    assert attempt.run(remove_role)[0] == "done"
    (said,) = attempt.texts("warning")
    assert said.endswith("cluster administrator in dev from an earlier command: it is removed now")
    assert not commands.has_role()


class Refusing(ClusterCommands):
    """Commands whose role cannot be removed for a reason other than a lock."""

    def run(
        self,
        command: str,  # noqa: ARG002  the client's
        files: Mapping[str, str],  # noqa: ARG002  the client's
        pause: Callable[[float], None],  # noqa: ARG002  the client's
    ) -> CommandResult:
        self.tries = getattr(self, "tries", 0) + 1
        return (
            CommandResult(1, 'Error from server (Forbidden): nodes is forbidden: User "ada" cannot list resource')
            if self.tries == 1
            else CommandResult(0, "")
        )

    def remove_role(self) -> None:
        raise AzureRefused("remove the cluster admin role: 500 InternalServerError", status=500)


def test_the_command_that_removes_the_role_is_said_when_it_is_given_and_when_its_removal_fails(azure: Service) -> None:
    it = built(azure, "clug")
    where = f"{GROUPS}/{it.names.group('dev')}/providers/Microsoft.ContainerService/managedClusters"
    cluster = Cluster(Refusing(azure, f"{where}/{it.names.kubernetes('dev')}"), "dev")
    step = RemoveClusterRole(cluster, "dev", ())
    attempt = Attempt()
    assert held_rights(step, attempt.memory) is None
    cluster.run(attempt.context(step), "kubectl get nodes")
    removal = f"az role assignment delete --ids {cluster.commands.role_assignment_id}"
    held = held_rights(step, attempt.memory)
    assert held is not None
    assert held.name == removal
    (granted,) = [event for event in attempt.events if "granted" in event.data]
    assert (granted.data["granted"], removal in granted.text) == (removal, True)
    removing = Attempt()
    with pytest.raises(AzureRefused):
        removing.run(step)
    (left,) = [str(event.data["left"]) for event in removing.events if "left" in event.data]
    assert left == f"Cluster role in dev: {removal} removes it"
