"""Processes of a rehearsal have the command and all settings of their containers, but for addresses of this machine.

One process that replaces several servers lacks some: a list with reasons.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from installer.emulator.prefect.local import LOOPBACK, image_python, process_environment
from installer.emulator.prefect.local_program import (
    AS_ONE_PROCESS,
    DATABASE,
    REDIS_URLS,
    WITHOUT_POSTGRES,
    environment,
    is_server,
    is_service,
    kind_of,
    local_command,
    server_settings,
    tls_files,
)
from installer.emulator.providers.app_containers import without_shell
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
            container_of(one), secrets=references(one), files=mounted(one, manifests)
        )
        for one in manifests
        if one["kind"] in {"Deployment", "Job"}
    }


def mounted(owner: Manifest, manifests: Sequence[Manifest]) -> dict[str, str]:
    """Names of secrets by the path of their files."""
    pod = as_object(at(owner, "spec", "template", "spec"))
    classes = {
        at(one, "csi", "volumeAttributes", "secretProviderClass") for one in objects_of(pod["volumes"]) if "csi" in one
    }
    found = "".join(
        as_text(at(one, "spec", "parameters", "objects"))
        for one in manifests
        if one["kind"] == "SecretProviderClass" and at(one, "metadata", "name") in classes
    )
    return {f"/mnt/kept/{name}": name for name in re.findall(r"objectName: (\S+)", found)}


def references(owner: Manifest) -> dict[str, str]:
    """Keys of secrets by environment variable."""
    (container,) = objects_of(at(owner, "spec", "template", "spec", "containers"))
    found = {
        as_text(one["name"]): at(one, "valueFrom", "secretKeyRef", "key")
        for one in objects_of(container["env"])
        if "secretKeyRef" in as_object(one.get("valueFrom"))
    }
    return {name: as_text(key) for name, key in found.items()}


def on_apps(servers: int) -> dict[str, Container]:
    """Containers of Container Apps by the last part of the names of the apps."""
    platform = {"runtime": "container_apps", "prefect_servers": servers}
    apps = control_plane(Installation(answers("dev", platform=platform)), PLACEHOLDER_OUTPUTS, "dev")["apps"]
    return {
        as_text(app["name"]).rpartition("-")[2]: without_shell(
            Container(
                as_text(app["image"]),
                tuple(map(str, command)) if isinstance(command := app["command"], list) else (),
                {name: as_text(value) for name, value in as_object(app["settings"]).items()},
                {name: as_text(uri) for name, uri in as_object(app["secrets"]).items()},
            )
        )
        for app in objects_of(apps)
    }


def started(container: Container, home: Path, database: str, *, as_one: bool = False) -> dict[str, str]:
    """Environment of the process of a container."""
    server = server_settings(home, "https://127.0.0.1:4711/api", database)
    local = server if is_server(container.command) else {DATABASE: database}
    secrets = dict.fromkeys(container.secrets, "value")
    return environment(container, home, replaced=local, secrets=secrets, files=files_of(container), as_one=as_one)


def files_of(container: Container) -> dict[str, str]:
    """Local path by path in the container."""
    return {path: f"/state/{name}" for path, name in container.files.items()}


@pytest.mark.parametrize("servers", [1, 3])
@pytest.mark.parametrize("database", [LOCAL_DATABASE, "sqlite+aiosqlite:////prefect.db"])
def test_a_process_has_every_setting_and_secret_of_its_container(tmp_path: Path, servers: int, database: str) -> None:
    left_out = set() if database == LOCAL_DATABASE else WITHOUT_POSTGRES.keys()
    for name, container in {**in_cluster(servers), **on_apps(servers)}.items():
        found, own = started(container, tmp_path, database), process_environment(tmp_path)
        given = {**container.settings, **dict.fromkeys(container.secrets, "value")}
        assert found.keys() - own.keys() == given.keys() - left_out - own.keys(), name
        changed = {name for name, value in given.items() if name in found and found[name] != value} - own.keys()
        is_client = kind_of(container.command) == "worker"
        on_disk = {"PREFECT_API_SSL_CERT_FILE"} if container.files else set()
        browser = {"PREFECT_SERVER_UI_API_URL", "PREFECT_SERVER_UI_STATIC_DIRECTORY"}
        assert changed <= (on_disk if is_client else {DATABASE, *browser}), name
        assert is_client is ("PREFECT_API_URL" in found), "and a client keeps the name of its server"
        assert not [value for value in found.values() if "/mnt/kept" in value]


def test_where_one_process_stands_for_several_it_lacks_what_belongs_to_redis(tmp_path: Path) -> None:
    for containers in (in_cluster(3), on_apps(3)):
        for container in containers.values():
            found = started(container, tmp_path, LOCAL_DATABASE, as_one=True)
            given = container.settings.keys() | container.secrets.keys()
            assert given - found.keys() == AS_ONE_PROCESS.keys() & given
            assert not [value for value in found.values() if "prefect_redis" in value]
            assert found.keys().isdisjoint(REDIS_URLS)


def test_nothing_is_left_out_that_no_container_has() -> None:
    every = [*in_cluster(3).values(), *on_apps(3).values()]
    known = {name for container in every for name in (*container.settings, *container.secrets)}
    assert AS_ONE_PROCESS.keys() | WITHOUT_POSTGRES.keys() <= known


def test_a_server_of_a_cluster_starts_with_its_own_command_and_the_files_of_its_secrets() -> None:
    found = in_cluster(1)["prefect-server"]
    assert is_server(found.command)
    assert tls_files(found.command) == ("/mnt/kept/prefect-tls-key", "/mnt/kept/prefect-certificate")
    assert local_command(found.command, 4711, files_of(found)) == [
        *(image_python(), "-m", "uvicorn", "--factory", "prefect.server.api.server:create_app"),
        *("--ssl-keyfile", "/state/prefect-tls-key", "--ssl-certfile", "/state/prefect-certificate"),
        *("--host", LOOPBACK, "--port", "4711"),
    ]
    assert tls_files(on_apps(1)["prefect"].command) is None, "the ingress ends it"
    assert tls_files(("python", "--ssl-keyfile", "key", "--ssl-certfile")) is None


def test_other_programs_start_with_the_packages_of_the_image() -> None:
    found = in_cluster(3)
    server = [*PROGRAM, "server", "start", "--host", LOOPBACK, "--port", "4711"]
    assert local_command(on_apps(1)["prefect"].command, 4711) == server
    (upgrade,) = [container for name, container in found.items() if name.startswith("upgrade")]
    assert local_command(upgrade.command) == [image_python(), *upgrade.command[1:]]
    assert is_service(found["prefect-services"].command)
    assert local_command(("node", "server.js")) == []
    assert local_command(("flowforge", "bootstrap")) == []
    assert local_command(()) == []


def test_the_flows_of_the_image_are_those_of_this_package(tmp_path: Path) -> None:
    """An installation through the endpoint of a served rehearsal registers the folder of the image."""
    order = {"FLOWFORGE_ORDER": f'{{"estate": {{"flows": "{IMAGE_FLOWS}"}}}}'}
    found = environment(Container("prefect", ("python",), order), tmp_path, replaced={}, secrets={})
    assert found["FLOWFORGE_ORDER"] == f'{{"estate": {{"flows": "{flow_project()}"}}}}'
