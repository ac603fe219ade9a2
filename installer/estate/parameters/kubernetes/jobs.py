"""One-time jobs in a cluster, and the reporter, which runs every five minutes."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Final

from installer.conventions.naming.environment import BOOTSTRAP_ACCOUNT
from installer.estate.parameters.jobs import Work
from installer.estate.parameters.kubernetes.namespaces import isolation, namespace
from installer.estate.parameters.kubernetes.objects import Home, Manifest, Program, pod
from installer.estate.parameters.kubernetes.prefect import WORKER, certificate_files, client_settings, kept_for_clients
from installer.estate.parameters.kubernetes.vault_copies import marked, secret_class
from installer.estate.parameters.prefect_api import SERVER
from installer.json_access import as_object
from installer.jsontypes import Json
from installer.resource_id import name_of
from installer.shipped_files import reporter_program

REPORTER: Final = "flowforge-reporter"
_ACCOUNTS: Final[Mapping[str, str]] = {
    "bootstrap": BOOTSTRAP_ACCOUNT,
    "check": "flowforge-migrate",
    "migrate": "flowforge-migrate",
    "upgrade": SERVER,
    "register": WORKER,
}
_DEADLINE_SECONDS: Final = 1800
_TTL_SECONDS: Final = 7 * 24 * 3600


def job(
    home: Home,
    work: Work,
    *,
    called: str = "",
    command: Sequence[Json] = (),
    settings: Mapping[str, Json] | None = None,
    forgotten: bool = False,
) -> list[Manifest]:
    """Manifests of a one-time job. Its name has a hash of its spec, because a job is immutable.

    Args:
        home: Namespace of the environment.
        work: The job.
        called: Name to use instead of that of the job.
        command: Command to run instead.
        settings: Additional environment variables.
        forgotten: Delete the job automatically some days after its end.

    """
    account = _ACCOUNTS[work.name]
    kept = {name: name_of(uri) for name, uri in work.kept.items()}
    program = Program(
        f"flowforge-{called or work.name}",
        account,
        home.image(work.image),
        command or work.command,
        {**work.settings, **(client_settings(home) if kept else {}), **(settings or {})},
        kept,
        size=("250m", "512Mi"),
        files=certificate_files(home) if kept else (),
    )
    spec: dict[str, Json] = {
        "backoffLimit": 0,
        "activeDeadlineSeconds": _DEADLINE_SECONDS,
        "template": pod(marked(home, program), restart="Never"),
        **({"ttlSecondsAfterFinished": _TTL_SECONDS} if forgotten else {}),
    }
    mark = hashlib.sha256(json.dumps(spec, sort_keys=True).encode()).hexdigest()[:10]
    classes = [secret_class(home, program, work.acts)] if kept else []
    return [*classes, home.manifest("batch/v1", "Job", f"{program.name}-{mark}", spec=spec)]


def administrator_job(home: Home, work: Work) -> list[Manifest]:
    """The job of the database administrator, in a namespace with a service account that nothing else uses."""
    own = home.to("setup")
    return [namespace(own), own.account(_ACCOUNTS[work.name], work.acts), *isolation(own), *job(own, work)]


def record_of(home: Home, manifests: Sequence[Manifest]) -> list[Manifest]:
    """The name of a job that has succeeded and was deleted."""
    (name,) = (as_object(one["metadata"])["name"] for one in manifests if one["kind"] == "Job")
    return [home.manifest("v1", "ConfigMap", BOOTSTRAP_ACCOUNT, data={"succeeded": name})]


def reporter(home: Home, ingestion: Mapping[str, Json]) -> list[Manifest]:
    """The reporter, which sends flow run results to Azure Monitor. `ingestion`: outputs of the stage observability."""
    program = Program(
        REPORTER,
        WORKER,
        home.deployed_image("prefect"),
        ["python", "-c"],
        {
            "AZURE_CLIENT_ID": home.client_id("worker"),
            "FLOWFORGE_ENVIRONMENT": home.site.name,
            "FLOWFORGE_INGESTION_AUDIENCE": f"https://{home.it.names.answers_at.monitor}",
            "FLOWFORGE_INGESTION_ENDPOINT": ingestion["ingestionEndpoint"],
            "FLOWFORGE_INGESTION_RULE": ingestion["ingestionRule"],
            "FLOWFORGE_INGESTION_STREAM": ingestion["ingestionStream"],
            **client_settings(home),
        },
        kept_for_clients(home),
        size=("100m", "128Mi"),
        files=certificate_files(home),
        args=[program_text()],
    )
    spec: Json = {
        "schedule": "*/5 * * * *",
        "concurrencyPolicy": "Forbid",
        "successfulJobsHistoryLimit": 1,
        "failedJobsHistoryLimit": 1,
        "jobTemplate": {
            "spec": {
                "backoffLimit": 1,
                "activeDeadlineSeconds": 240,
                "template": pod(marked(home, program), restart="Never"),
            }
        },
    }
    return [secret_class(home, program, "worker"), home.manifest("batch/v1", "CronJob", REPORTER, spec=spec)]


def program_text() -> str:
    """Source of the reporter program, the same as in the Container Apps template."""
    return reporter_program().read_text(encoding="utf-8")
