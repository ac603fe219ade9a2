"""Processes of a rehearsal have the command and the settings of their containers, except for a list with reasons."""

from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from installer.emulator.prefect.local import LOOPBACK, image_python, process_environment
from installer.emulator.prefect.local_program import (
    API,
    DATABASE,
    LEFT_OUT,
    WITHOUT_POSTGRES,
    environment,
    is_server,
    is_service,
    local_command,
    server_settings,
)
from installer.emulator.providers.kubernetes.pods import container_of
from installer.emulator.providers.kubernetes.workloads import Container
from installer.estate.parameters import PLACEHOLDER_OUTPUTS
from installer.estate.parameters.context import Installation
from installer.estate.parameters.controlplane import control_plane
from installer.estate.parameters.jobs import works
from installer.estate.parameters.kubernetes import jobs, prefect
from installer.estate.parameters.kubernetes.objects import Home, Manifest
from installer.images import IMAGE_FLOWS
from installer.json_access import as_object, as_text, objects_of
from installer.shipped_files import flow_project
from tests.bicep.answers_variants import answers
from tests.bicep.stage_requests import at

LOCAL_DATABASE: Final = "postgresql+asyncpg://me@127.0.0.1:5432/prefect?ssl=require"
PROGRAM: Final = [image_python(), "-m", "prefect"]


def in_cluster(servers: int) -> dict[str, Container]:
    """Containers of a cluster by the kind and the name of their owners."""
    it = Installation(answers("dev", platform={"prefect_servers": servers}))
    home = Home(it, it.site("dev"), PLACEHOLDER_OUTPUTS)
    (upgrade,) = [one for one in works(it, home.site, home.outputs) if one.name == "upgrade"]
    manifests = [*prefect.server(home), *prefect.worker(home), *jobs.job(home, upgrade)]
    return {
        as_text(as_object(one["metadata"])["name"]).removeprefix("flowforge-")[:16]: replace(
            container_of(one), secrets=references(one)
        )
        for one in manifests
        if one["kind"] in {"Deployment", "Job"}
    }


def references(owner: Manifest) -> dict[str, str]:
    """Keys of secrets by environment variable."""
    (container,) = objects_of(at(owner, "spec", "template", "spec", "containers"))
    found = {
        as_text(one["name"]): at(one, "valueFrom", "secretKeyRef", "key")
        for one in objects_of(container["env"])
        if "value" not in one
    }
    return {name: as_text(key) for name, key in found.items()}


def on_apps(servers: int) -> dict[str, Container]:
    """Containers of Container Apps by the last part of the names of the apps."""
    platform = {"runtime": "container_apps", "prefect_servers": servers}
    apps = control_plane(Installation(answers("dev", platform=platform)), PLACEHOLDER_OUTPUTS, "dev")["apps"]
    return {
        as_text(app["name"]).rpartition("-")[2]: Container(
            as_text(app["image"]),
            tuple(map(str, command)) if isinstance(command := app["command"], list) else (),
            {name: as_text(value) for name, value in as_object(app["settings"]).items()},
            {name: as_text(uri) for name, uri in as_object(app["secrets"]).items()},
        )
        for app in objects_of(apps)
    }


def replaced(container: Container, home: Path, database: str) -> dict[str, str]:
    """Settings of this machine for a container."""
    if is_server(container.command):
        return server_settings(home, 4711, database)
    return {API: "http://127.0.0.1:4711/api", DATABASE: database}


@pytest.mark.parametrize("servers", [1, 3])
@pytest.mark.parametrize("database", [LOCAL_DATABASE, "sqlite+aiosqlite:////prefect.db"])
def test_a_process_has_the_settings_and_the_secrets_of_its_container(
    tmp_path: Path, servers: int, database: str
) -> None:
    left_out = LEFT_OUT.keys() | (WITHOUT_POSTGRES.keys() if database != LOCAL_DATABASE else set())
    for container in (*in_cluster(servers).values(), *on_apps(servers).values()):
        local = replaced(container, tmp_path, database)
        secrets = dict.fromkeys(container.secrets, "value")
        found = environment(container, tmp_path / "own", replaced=local, secrets=secrets)
        own = process_environment(tmp_path / "own")
        given = {**container.settings, **secrets}
        assert found.keys() - own.keys() == given.keys() - left_out - own.keys()
        changed = {name for name, value in given.items() if name in found and found[name] != value}
        assert changed <= local.keys() | own.keys()
        elsewhere = {name for name, value in found.items() if "azure.com" in value or "/mnt/kept" in value}
        assert elsewhere <= {"FLOWFORGE_DATABASE_HOST"}, "a name in a certificate; another setting has its address"


def test_nothing_is_left_out_that_no_container_has() -> None:
    every = [*in_cluster(3).values(), *on_apps(3).values()]
    known = {name for container in every for name in (*container.settings, *container.secrets)}
    assert LEFT_OUT.keys() | WITHOUT_POSTGRES.keys() <= known


def test_a_server_of_a_cluster_starts_with_its_own_command_without_tls() -> None:
    found = in_cluster(1)["prefect-server"].command
    assert is_server(found)
    assert local_command(found, 4711) == [
        *(image_python(), "-m", "uvicorn", "--factory", "prefect.server.api.server:create_app"),
        *("--host", LOOPBACK, "--port", "4711"),
    ]


def test_other_programs_start_with_the_packages_of_the_image() -> None:
    found = in_cluster(3)
    server = [*PROGRAM, "server", "start", "--host", LOOPBACK, "--port", "4711"]
    assert local_command(on_apps(1)["prefect"].command, 4711) == server
    (upgrade,) = [container for name, container in found.items() if name.startswith("upgrade")]
    assert local_command(upgrade.command) == [*PROGRAM, "server", "database", "upgrade", "-y"]
    assert is_service(found["prefect-services"].command)
    assert local_command(("node", "server.js")) == []
    assert local_command(("flowforge", "bootstrap")) == []
    assert local_command(()) == []


def test_the_flows_of_the_image_are_those_of_this_package(tmp_path: Path) -> None:
    """An installation through the endpoint of a served rehearsal registers the folder of the image."""
    order = {"FLOWFORGE_ORDER": f'{{"estate": {{"flows": "{IMAGE_FLOWS}"}}}}'}
    found = environment(Container("prefect", ("python",), order), tmp_path, replaced={}, secrets={})
    assert found["FLOWFORGE_ORDER"] == f'{{"estate": {{"flows": "{flow_project()}"}}}}'
