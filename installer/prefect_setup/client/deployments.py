"""Deployments: defined in prefect.yaml, and applied by `prefect deploy` if they differ."""

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
from installer.prefect_setup.client.output import Reporter, differing
from installer.prefect_setup.model import Environment

PROJECT_FILE: Final = "prefect.yaml"
LAST_LINES: Final = 12


def fingerprint(project: Path) -> str:
    """Hash of the project files in 12 hexadecimal digits; the version of its deployments."""
    digest = hashlib.sha256()
    for file in sorted(project.rglob("*")):
        if file.is_file() and "__pycache__" not in file.parts:
            content = file.read_bytes()
            digest.update(f"{file.relative_to(project).as_posix()} {len(content)}\n".encode() + content)
    return digest.hexdigest()[:12]


async def settle_deployments(
    client: PrefectClient, environment: Environment, project: Path, reporter: Reporter
) -> None:
    """Create or update the deployments of one environment as in prefect.yaml. Raises PrefectFailed.

    Schedules added by operators and paused deployments stay as they are: `prefect deploy` does not change them.
    """
    settings = {
        "FLOWFORGE_ENVIRONMENT": environment.name,
        "FLOWFORGE_FLOWS": environment.flows,
        "FLOWFORGE_VERSION": fingerprint(project),
    }
    wanted = _wanted(project, settings)
    missing, differences = _compare(wanted, await _found(client, wanted))
    if missing or differences:
        reporter.progressed("deployment", environment.name, f"prefect deploy for {environment.name}")
        await _deploy(project, settings)
        still_missing, still_different = _compare(wanted, await _found(client, wanted))
        left = [*still_missing, *(f"{name} ({', '.join(fields)})" for name, fields in still_different.items())]
        if left:
            raise PrefectFailed(
                f"prefect deploy reported success, but these deployments still differ: {'; '.join(left)}"
            )
    for name in wanted:
        if name in missing:
            reporter.created("deployment", name)
        elif name in differences:
            reporter.updated("deployment", name, differences[name])
        else:
            reporter.unchanged("deployment", name)


def _wanted(project: Path, settings: Mapping[str, str]) -> dict[str, dict[str, object]]:
    """The deployments of prefect.yaml by name, with fields and values as in the Prefect API."""
    # Prefect resolves `{{ $NAME }}` from the environment of this process.
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
    """Names of missing deployments, and the different fields of the others by name."""
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
        # Prefect imports the flows: do not write bytecode into the package.
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
