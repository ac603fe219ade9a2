"""Prefect servers of both runtimes: the same settings and secrets, probes that ask the right thing, services apart."""

import json
import shlex
from typing import Final

import pytest

from installer.estate.parameters import PLACEHOLDER_OUTPUTS
from installer.estate.parameters.context import Installation
from installer.estate.parameters.controlplane import control_plane
from installer.estate.parameters.jobs import works
from installer.estate.parameters.kubernetes import former_objects, jobs, namespaces, prefect
from installer.estate.parameters.kubernetes.diff import kubectl_name
from installer.estate.parameters.kubernetes.objects import Home, Manifest
from installer.estate.parameters.prefect_api import CLIENT_RETRIES, HEARTBEAT
from installer.estate.parameters.prefect_container_apps import prefect_apps
from installer.json_access import as_list, as_object, as_text, member, objects_of
from installer.jsontypes import Json
from tests.bicep.answers_variants import answers
from tests.bicep.stage_requests import at

REDIS: Final = {
    "PREFECT_REDIS_MESSAGING_URL": "prefect-redis-url",
    "PREFECT_REDIS_WORKER_CLEANUP_QUEUE_URL": "prefect-redis-url",
    "PREFECT_SERVER_DOCKET_URL": "prefect-redis-url",
}
OWN: Final = frozenset({"HOME", "PREFECT_HOME", "PREFECT__SERVER_FINAL", "PREFECT_SERVER_UI_API_URL"})
"""Environment variables that follow from the runtime."""


def home(servers: int = 1) -> Home:
    it = Installation(answers("dev", platform={"prefect_servers": servers}))
    return Home(it, it.site("dev"), PLACEHOLDER_OUTPUTS)


def apps(servers: int = 1) -> dict[str, dict[str, Json]]:
    """Container apps by the last part of their names."""
    platform: dict[str, Json] = {"runtime": "container_apps", "prefect_servers": servers}
    found = control_plane(Installation(answers("dev", platform=platform)), PLACEHOLDER_OUTPUTS, "dev")["apps"]
    return {as_text(one["name"]).rpartition("-")[2]: one for one in objects_of(found)}


def containers(manifests: list[Manifest]) -> dict[str, dict[str, Json]]:
    """Container by reference of its deployment or job."""
    return {
        kubectl_name(one): as_object(objects_of(member(one, "spec", "template", "spec", "containers"))[0])
        for one in manifests
        if one["kind"] in {"Deployment", "Job"}
    }


def environment(container: dict[str, Json]) -> tuple[dict[str, Json], dict[str, Json]]:
    """Plain values, and keys of secrets."""
    variables = objects_of(container["env"])
    plain = {as_text(one["name"]): one["value"] for one in variables if "value" in one}
    kept = {
        as_text(one["name"]): member(one, "valueFrom", "secretKeyRef", "key") for one in variables if "value" not in one
    }
    return plain, kept


@pytest.mark.parametrize("servers", [1, 3])
def test_servers_of_both_runtimes_have_the_same_settings_and_secrets(servers: int) -> None:
    in_cluster, on_apps = containers(prefect.server(home(servers))), apps(servers)
    pairs = {
        "deployment/prefect-server": "prefect",
        **({"deployment/prefect-services": "services"} if servers > 1 else {}),
    }
    assert in_cluster.keys() == pairs.keys()
    assert on_apps.keys() == {*pairs.values(), "worker"}
    for name, app in pairs.items():
        plain, kept = environment(in_cluster[name])
        assert {key: plain[key] for key in plain.keys() - OWN} == {
            key: value for key, value in as_object(on_apps[app]["settings"]).items() if key not in OWN
        }
        assert kept == {
            key: as_text(value).rpartition("/")[2] for key, value in as_object(on_apps[app]["secrets"]).items()
        }
        assert kept == {"PREFECT_SERVER_API_AUTH_STRING": "prefect-auth", **(REDIS if servers > 1 else {})}


def test_several_servers_share_a_redis_and_leave_the_services_to_other_processes() -> None:
    found = containers(prefect.server(home(3)))
    server, services = (environment(found[f"deployment/{name}"])[0] for name in ("prefect-server", "prefect-services"))
    assert server["PREFECT__SERVER_WEBSERVER_ONLY"] == "1"
    assert "PREFECT__SERVER_WEBSERVER_ONLY" not in services
    assert (
        "PREFECT__SERVER_WEBSERVER_ONLY"
        not in environment(containers(prefect.server(home()))["deployment/prefect-server"])[0]
    )
    for settings in (server, services):
        in_memory = [name for name, value in settings.items() if "memory" in str(value)]
        assert in_memory == []
        assert sorted(str(value) for value in settings.values() if "prefect_redis" in str(value)) == [
            *("prefect_redis.cleanup_queue", "prefect_redis.lease_storage"),
            *("prefect_redis.messaging", "prefect_redis.messaging", "prefect_redis.ordering"),
        ]
    assert found["deployment/prefect-services"]["command"] == ["prefect", "server", "services", "start"]
    assert "livenessProbe" not in found["deployment/prefect-services"]


def test_former_services_are_removed_with_their_secrets_when_one_server_is_left() -> None:
    former = {kubectl_name(one) for one in former_objects.former_services(home())}
    new = {kubectl_name(one) for one in prefect.server(home(3))}
    assert former == {name for name in new if name.endswith("/prefect-services")}
    assert former_objects.former_services(home(3)) == []


def test_no_key_of_redis_stands_in_a_manifest_or_an_app() -> None:
    everything = json.dumps([*prefect.server(home(3)), *apps(3).values()])
    assert "rediss:" not in everything
    assert "redis-ff" not in everything


def test_probes_ask_whether_a_server_lives_and_whether_its_database_answers() -> None:
    server = containers(prefect.server(home()))["deployment/prefect-server"]
    paths = {kind: member(server[kind], "httpGet", "path") for kind in server if kind.endswith("Probe")}
    assert paths == {"startupProbe": "/api/health", "livenessProbe": "/api/health", "readinessProbe": "/api/ready"}
    worker = containers(prefect.worker(home()))["deployment/prefect-worker"]
    assert {member(worker[kind], "httpGet", "path") for kind in worker if kind.endswith("Probe")} == {"/health"}
    on_apps = apps(3)
    assert (on_apps["prefect"]["healthPath"], on_apps["prefect"]["readyPath"]) == ("/api/health", "/api/ready")
    assert (on_apps["worker"]["healthPath"], on_apps["worker"]["readyPath"]) == ("/health", "/health")
    assert on_apps["services"].keys().isdisjoint({"port", "healthPath", "readyPath"})


def test_every_container_writes_to_a_temporary_folder_only() -> None:
    at = home(3)
    once = [
        one
        for work in works(at.it, at.site, at.outputs)
        for one in (jobs.administrator_job(at, work) if work.name == "bootstrap" else jobs.job(at, work))
    ]
    manifests = [*namespaces.foundation(at), *prefect.server(at), *prefect.worker(at), *once]
    found = containers(manifests)
    assert len(found) == 8
    for container in found.values():
        assert member(container, "securityContext", "readOnlyRootFilesystem") is True
        writable = [one["mountPath"] for one in objects_of(container["volumeMounts"]) if not one.get("readOnly")]
        assert writable == ["/tmp"]  # noqa: S108  in its container
    folders = {"HOME", "PREFECT_HOME", "PREFECT_SERVER_UI_STATIC_DIRECTORY"}
    plain, _ = environment(found["deployment/prefect-server"])
    assert [name for name in folders if not as_text(plain[name]).startswith("/tmp")] == []  # noqa: S108


def test_tables_are_made_by_a_job_and_not_by_servers() -> None:
    at = home()
    (upgrade,) = [one for one in works(at.it, at.site, at.outputs) if one.name == "upgrade"]
    interpreter, option, program = map(as_text, upgrade.command)
    assert (interpreter, option) == ("python", "-c")
    assert program.index("create_db") < program.index("run_block_auto_registration(session")
    (job,) = containers(jobs.job(at, upgrade)).values()
    server, _ = environment(containers(prefect.server(at))["deployment/prefect-server"])
    of_job, secrets = environment(job)
    assert secrets == {}
    assert server["PREFECT_SERVER_DATABASE_MIGRATE_ON_START"] == "false"
    assert {name: server[name] for name in of_job} == of_job


def test_browsers_find_the_api_of_both_runtimes() -> None:
    plain, _ = environment(containers(prefect.server(home()))["deployment/prefect-server"])
    settings = as_object(apps()["prefect"]["settings"])
    for url, host in ((plain, "10."), (settings, "ca-contoso-dev-prefect.")):
        assert as_text(url["PREFECT_SERVER_UI_API_URL"]).startswith(f"https://{host}")


def test_a_worker_of_container_apps_takes_no_more_runs_than_the_pool_has_for_it() -> None:
    *shell, text = as_list(apps()["worker"]["command"])
    assert shell == ["/bin/sh", "-c"]
    command = shlex.split(as_text(text))
    assert command[command.index("--limit") + 1] == "1"


@pytest.mark.parametrize("cloud", ["usgov", "china"])
@pytest.mark.parametrize("runtime", ["aks", "container_apps"])
def test_in_another_cloud_tokens_for_the_database_are_those_of_that_cloud(cloud: str, runtime: str) -> None:
    """prefect_azure asks for those of the public cloud, which other clouds do not issue."""
    it = Installation(answers("dev", cloud=cloud, platform={"runtime": runtime, "prefect_servers": 2}))
    site = it.site("dev")
    wanted = f"{it.names.answers_at.postgres_audience}/.default"
    (upgrade,) = [one for one in works(it, site, PLACEHOLDER_OUTPUTS) if one.name == "upgrade"]
    found = [(upgrade.command, upgrade.settings)]
    if runtime == "aks":
        home = Home(it, site, PLACEHOLDER_OUTPUTS)
        containers = [
            at(one["spec"], "template", "spec", "containers", 0)
            for one in prefect.server(home)
            if one["kind"] == "Deployment"
        ]
        for one in map(as_object, containers):
            env = {str(item["name"]): item.get("value") for item in objects_of(one["env"])}
            found.append((as_list(one["command"]), env))
    else:
        apps = [
            app
            for app in map(as_object, prefect_apps(it, site, PLACEHOLDER_OUTPUTS))
            if "worker" not in str(app["name"])
        ]
        found += [(as_list(app["command"]), as_object(app["settings"])) for app in apps]
    assert len(found) == 3
    for command, settings in found:
        assert command[:2] == ["python", "-c"]
        assert "OSSRDBMS_SCOPE" in str(command[2])
        assert command == upgrade.command or command[3] in {"uvicorn", "prefect"}
        assert settings["FLOWFORGE_POSTGRES_SCOPE"] == wanted


def test_workers_report_that_their_runs_live_and_ask_a_busy_server_again() -> None:
    on_apps = {as_text(one) for one in as_object(apps()["worker"]["settings"])}
    (worker,) = containers(prefect.worker(home())).values()
    in_cluster, _ = environment(worker)
    for name, value in {**HEARTBEAT, **CLIENT_RETRIES}.items():
        assert name in on_apps
        assert in_cluster[name] == value
    assert {"500", "504"} == set(str(in_cluster["PREFECT_CLIENT_RETRY_EXTRA_CODES"]).split(","))
