"""Deployments: described in Prefect's own prefect.yaml, and applied by Prefect's own command where they differ."""

import asyncio
import hashlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterName
from prefect.client.schemas.responses import DeploymentResponse
from prefect.utilities.templating import apply_values
from ruamel.yaml import YAML

from installer.errors import PrefectFailed
from installer.prefect_setup.client.output import Teller, differing
from installer.prefect_setup.model import Environment

PROJECT_FILE: Final = "prefect.yaml"
LAST_LINES: Final = 12


def fingerprint(project: Path) -> str:
    """Twelve hexadecimal digits that change with any file of the project; the version that its deployments carry."""
    digest = hashlib.sha256()
    for file in sorted(project.rglob("*")):
        if file.is_file() and "__pycache__" not in file.parts:
            content = file.read_bytes()
            digest.update(f"{file.relative_to(project).as_posix()} {len(content)}\n".encode() + content)
    return digest.hexdigest()[:12]


async def settle_deployments(client: PrefectClient, environment: Environment, project: Path, teller: Teller) -> None:
    """Make the deployments of one environment what prefect.yaml says. Raises PrefectFailed in Prefect's words.

    Schedules that operators added, and whether a deployment is paused, are theirs: `prefect deploy` leaves both alone.
    """
    settings = {
        "FLOWFORGE_ENVIRONMENT": environment.name,
        "FLOWFORGE_FLOWS": environment.flows,
        "FLOWFORGE_VERSION": fingerprint(project),
    }
    wanted = _wanted(project, settings)
    missing, differences = _compare(wanted, await _found(client, wanted))
    if missing or differences:
        teller.progressed("deployment", environment.name, f"prefect deploy for {environment.name}")
        await _deploy(project, settings)
        still_missing, still_different = _compare(wanted, await _found(client, wanted))
        left = [*still_missing, *(f"{name} ({', '.join(fields)})" for name, fields in still_different.items())]
        if left:
            raise PrefectFailed(f"prefect deploy reported success, but these are not as described: {'; '.join(left)}")
    for name in wanted:
        if name in missing:
            teller.created("deployment", name)
        elif name in differences:
            teller.updated("deployment", name, differences[name])
        else:
            teller.unchanged("deployment", name)


def _wanted(project: Path, settings: Mapping[str, str]) -> dict[str, dict[str, object]]:
    """The deployments of prefect.yaml by name, with the fields that Prefect's API has, as they read when deployed."""
    # Prefect takes `{{ $NAME }}` from the environment of the process, which is ours alone.
    os.environ.update(settings)
    document = apply_values(YAML(typ="safe").load(project / PROJECT_FILE), {})
    common_pull = document.get("pull")
    return {
        str(given["name"]): {
            "description": given.get("description"),
            "version": given.get("version"),
            "tags": given.get("tags", []),
            "entrypoint": given["entrypoint"],
            "parameters": given.get("parameters", {}),
            "pull_steps": given.get("pull", common_pull),
            "work_pool_name": given["work_pool"]["name"],
            "work_queue_name": given["work_pool"]["work_queue_name"],
            "job_variables": given["work_pool"].get("job_variables", {}),
        }
        for given in document["deployments"]
    }


async def _found(client: PrefectClient, names: Mapping[str, object]) -> dict[str, DeploymentResponse]:
    found = await client.read_deployments(
        deployment_filter=DeploymentFilter(name=DeploymentFilterName(any_=list(names)))
    )
    return {deployment.name: deployment for deployment in found}


def _compare(
    wanted: Mapping[str, Mapping[str, object]], found: Mapping[str, DeploymentResponse]
) -> tuple[list[str], dict[str, list[str]]]:
    """The names of the deployments that are missing; and by name those that differ, with the fields in which."""
    differences = {
        name: differing(fields, found[name].model_dump(mode="json")) for name, fields in wanted.items() if name in found
    }
    return [name for name in wanted if name not in found], {
        name: fields for name, fields in differences.items() if fields
    }


async def _deploy(project: Path, settings: Mapping[str, str]) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=project,
        # Flows are loaded to be described: that must leave nothing in our own package.
        env={**os.environ, **settings, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    try:
        output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    if process.returncode:
        words = "\n".join(output.decode("utf-8", "replace").strip().splitlines()[-LAST_LINES:])
        raise PrefectFailed(f"prefect deploy failed ({process.returncode}):\n{words}")
