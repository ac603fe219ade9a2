"""Processes of a rehearsal have the command and the settings of their containers, except for a list with reasons."""

from pathlib import Path
from typing import Final

import pytest

from installer.emulator.prefect.local import LOOPBACK, image_python, process_environment
from installer.emulator.prefect.local_program import LEFT_OUT, Place, is_server, is_service, local_command
from installer.emulator.providers.kubernetes.pods import container_of
from installer.emulator.providers.kubernetes.workloads import Container
from installer.estate.parameters import PLACEHOLDER_OUTPUTS
from installer.estate.parameters.context import Installation
from installer.estate.parameters.controlplane import control_plane
from installer.estate.parameters.jobs import works
from installer.estate.parameters.kubernetes import jobs, prefect
from installer.estate.parameters.kubernetes.objects import Home
from installer.images import IMAGE_FLOWS
from installer.json_access import as_object, as_text, objects_of
from installer.shipped_files import flow_project
from tests.bicep.answers_variants import answers

AUTH: Final = {"PREFECT_SERVER_API_AUTH_STRING": "a:b", "PREFECT_API_AUTH_STRING": "a:b"}
PROGRAM: Final = [image_python(), "-m", "prefect"]


def in_cluster(servers: int) -> dict[str, Container]:
    """Containers of a cluster by the kind and the name of their owners."""
    it = Installation(answers("dev", platform={"prefect_servers": servers}))
    home = Home(it, it.site("dev"), PLACEHOLDER_OUTPUTS)
    (upgrade,) = [one for one in works(it, home.site, home.outputs) if one.name == "upgrade"]
    manifests = [*prefect.server(home), *prefect.worker(home), *jobs.job(home, upgrade)]
    return {
        as_text(as_object(one["metadata"])["name"]).removeprefix("flowforge-")[:16]: container_of(one)
        for one in manifests
        if one["kind"] in {"Deployment", "Job"}
    }


def on_apps(servers: int) -> dict[str, Container]:
    """Containers of Container Apps by the last part of the names of the apps."""
    platform = {"runtime": "container_apps", "prefect_servers": servers}
    apps = control_plane(Installation(answers("dev", platform=platform)), PLACEHOLDER_OUTPUTS, "dev")["apps"]
    return {
        as_text(app["name"]).rpartition("-")[2]: Container(
            as_text(app["image"]),
            tuple(map(str, command)) if isinstance(command := app["command"], list) else (),
            {name: as_text(value) for name, value in as_object(app["settings"]).items()},
        )
        for app in objects_of(apps)
    }


@pytest.mark.parametrize("servers", [1, 3])
def test_a_process_has_the_settings_of_its_container(tmp_path: Path, servers: int) -> None:
    place = Place(tmp_path, 4711, "a:b")
    for container in (*in_cluster(servers).values(), *on_apps(servers).values()):
        found = place.environment(container, tmp_path / "own")
        own = {**process_environment(tmp_path / "own"), **AUTH}
        assert found.keys() - own.keys() == container.settings.keys() - LEFT_OUT.keys() - own.keys()
        changed = {name for name, value in container.settings.items() if found.get(name, value) != value}
        assert changed <= place.replaced().keys() | own.keys()
        elsewhere = [name for name, value in found.items() if "azure.com" in value or "/mnt/kept" in value]
        assert elsewhere == []


def test_nothing_is_left_out_that_no_container_has() -> None:
    every = [*in_cluster(3).values(), *on_apps(3).values()]
    assert LEFT_OUT.keys() <= {name for container in every for name in container.settings}


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
    found = Place(tmp_path, 1, "auth").environment(Container("prefect", ("python",), order), tmp_path)
    assert found["FLOWFORGE_ORDER"] == f'{{"estate": {{"flows": "{flow_project()}"}}}}'
