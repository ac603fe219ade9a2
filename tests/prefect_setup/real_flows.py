"""The customer's flows on a real Prefect server, worked on in this process or by the program as in its job."""

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from installer.emulator.prefect.local import image_python
from installer.flow_project.project import Project, read_project
from installer.jsontypes import Json
from installer.prefect_setup.backup.order import BackupOrder
from installer.prefect_setup.flows.apply import work_on_flows
from installer.prefect_setup.flows.order import FlowsOrder, Mode
from installer.prefect_setup.flows.server import Server
from installer.prefect_setup.payload import COMMAND, backup_settings, flows_settings
from installer.prefect_setup.rest import Api
from tests.flow_project.projects import DEV, files, folder
from tests.flow_project.test_project import COMPANION


@dataclass
class Flows:
    """A server and the folder of a project."""

    server: Server
    where: Path

    def project(self, **given: str) -> Project:
        return read_project(folder(self.where, given or files(**{"flowforge.yaml": COMPANION})))

    def order(self, project: Project, mode: Mode = "apply", **more: object) -> FlowsOrder:
        image = "registry/flows@sha256:1" if mode == "apply" else ""
        objects = tuple(project.objects(replace(DEV, image=image)))
        return replace(FlowsOrder("dev", mode, project.mark, objects, image), **more)  # type: ignore[arg-type]

    def work(self, order: FlowsOrder) -> tuple[dict[str, Json], dict[str, str]]:
        lines: list[dict[str, Json]] = []
        result = work_on_flows(self.server, order, lines.append)
        return result, {f"{one['kind']} {one['name']}": str(one.get("event") or one.get("diff")) for one in lines}

    def program(self, order: FlowsOrder) -> list[dict[str, Json]]:
        """Lines of the program, which runs as a process with the packages of the Prefect image."""
        return _program(self.server.api, flows_settings(order), self.where)


def backup_program(api: Api, order: BackupOrder, home: Path) -> list[dict[str, Json]]:
    """Lines of the program for a backup."""
    return _program(api, backup_settings(order), home)


def _program(api: Api, given: Mapping[str, Json], home: Path) -> list[dict[str, Json]]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "FLOWFORGE_"))}
    prefect = {"PREFECT_API_URL": api.url, "PREFECT_API_AUTH_STRING": api.auth.get_secret_value()}
    settings = {name: str(value) for name, value in given.items()}
    done = subprocess.run(
        [image_python(), *map(str, COMMAND[1:])],
        env={**kept, **prefect, **settings, "PREFECT_HOME": str(home)},
        stdout=subprocess.PIPE,
        check=False,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]
