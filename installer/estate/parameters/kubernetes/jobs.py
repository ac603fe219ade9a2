"""What runs once in a cluster, and the reporter that runs every five minutes."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Final

from installer.estate.parameters.jobs import Work
from installer.estate.parameters.kubernetes.objects import Home, Manifest, Program, pod, secret_class
from installer.estate.parameters.kubernetes.prefect import WORKER, kept_for_clients, url_inside
from installer.jsontypes import Json
from installer.shipped_files import reporter_program

REPORTER: Final = "flowforge-reporter"
_ACCOUNTS: Final[Mapping[str, str]] = {
    "bootstrap": "flowforge-bootstrap",
    "migrate": "flowforge-migrate",
    "register": WORKER,
}
_LONGEST_SECONDS: Final = 1800
_FORGOTTEN_SECONDS: Final = 7 * 24 * 3600


def job(
    home: Home,
    work: Work,
    *,
    called: str = "",
    command: Sequence[Json] = (),
    settings: Mapping[str, Json] | None = None,
    forgotten: bool = False,
) -> list[Manifest]:
    """A job for what runs once; its name changes with what it runs, for a job cannot be changed.

    called: what its name begins with instead. command, settings: what it runs instead, and what it is told beside its own
    settings. forgotten: it goes by itself some days after its end.
    """
    account = _ACCOUNTS[work.name]
    kept = {name: uri.rsplit("/", 1)[-1] for name, uri in work.kept.items()}
    program = Program(
        f"flowforge-{called or work.name}",
        account,
        home.image(work.image),
        command or work.command,
        {**work.settings, **(settings or {})},
        kept,
        size=("250m", "512Mi"),
    )
    spec: dict[str, Json] = {
        "backoffLimit": 0,
        "activeDeadlineSeconds": _LONGEST_SECONDS,
        "template": pod(program, restart="Never"),
        **({"ttlSecondsAfterFinished": _FORGOTTEN_SECONDS} if forgotten else {}),
    }
    mark = hashlib.sha256(json.dumps(spec, sort_keys=True).encode()).hexdigest()[:10]
    classes = [secret_class(home, program, work.acts)] if kept else []
    return [*classes, home.manifest("batch/v1", "Job", f"{program.name}-{mark}", spec=spec)]


def reporter(home: Home, ingestion: Mapping[str, Json]) -> list[Manifest]:
    """The reporter, which tells Azure Monitor how runs went. `ingestion`: outputs of the stage observability."""
    program = Program(
        REPORTER,
        WORKER,
        home.image(home.it.answers.platform.prefect_image),
        ["python", "-c"],
        {
            "AZURE_CLIENT_ID": home.client_id("worker"),
            "FLOWFORGE_ENVIRONMENT": home.site.name,
            "FLOWFORGE_INGESTION_AUDIENCE": f"https://{home.it.names.answers_at.monitor}",
            "FLOWFORGE_INGESTION_ENDPOINT": ingestion["ingestionEndpoint"],
            "FLOWFORGE_INGESTION_RULE": ingestion["ingestionRule"],
            "FLOWFORGE_INGESTION_STREAM": ingestion["ingestionStream"],
            "PREFECT_API_URL": url_inside(home),
        },
        kept_for_clients(home),
        size=("100m", "128Mi"),
        args=[program_text()],
    )
    spec: Json = {
        "schedule": "*/5 * * * *",
        "concurrencyPolicy": "Forbid",
        "successfulJobsHistoryLimit": 1,
        "failedJobsHistoryLimit": 1,
        "jobTemplate": {
            "spec": {"backoffLimit": 1, "activeDeadlineSeconds": 240, "template": pod(program, restart="Never")}
        },
    }
    return [secret_class(home, program, "worker"), home.manifest("batch/v1", "CronJob", REPORTER, spec=spec)]


def program_text() -> str:
    """The reporter's program, as the template of Container Apps carries it too."""
    return reporter_program().read_text(encoding="utf-8")
