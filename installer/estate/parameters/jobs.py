"""One-time jobs in the network of an environment: database roles, database migration, Prefect objects."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from installer.estate.parameters.context import Installation, Site
from installer.estate.parameters.prefect_container_apps import prefect_credential
from installer.estate.parameters.principals import Workload, principals_of
from installer.estate.parameters.stage_spec import Outputs
from installer.jsontypes import Json

WorkName = Literal["bootstrap", "migrate", "register"]


@dataclass(frozen=True)
class Work:
    """A one-time job.

    Attributes:
        image: Repository and tag.
        pulls: Workload whose identity pulls the image; the database administrator has no permission for that.
        acts: Workload whose identity the job uses.
        settings: Environment variables.
        kept: Secret URI in the key vault by environment variable.

    """

    name: WorkName
    image: str
    pulls: Workload
    acts: Workload
    settings: dict[str, Json]
    kept: Mapping[str, str]

    @property
    def command(self) -> list[Json]:
        """Its command line: FlowForge images have a command of the same name."""
        return ["flowforge", self.name]


def works(it: Installation, site: Site, outputs: Outputs) -> tuple[Work, ...]:
    """The one-time jobs of an environment."""
    names, platform = it.names, it.answers.platform
    principals = principals_of(outputs, site.name)
    database: dict[str, Json] = {
        "FLOWFORGE_ENVIRONMENT": site.name,
        "FLOWFORGE_DATABASE_HOST": names.postgres_at(it.postgres(site)),
        "FLOWFORGE_DATABASE_NAME": names.database(site.name, "flowforge"),
    }

    def settings(workload: Workload) -> dict[str, Json]:
        return {
            **database,
            "AZURE_CLIENT_ID": principals[workload].client_id,
            "FLOWFORGE_DATABASE_USER": names.identity(site.name, workload),
        }

    roles = ",".join(f"{names.identity(site.name, who)}={principals[who].object_id}" for who in _users(it))
    return (
        Work(
            "bootstrap",
            platform.prefect_image,
            "worker",
            "dbadmin",
            {**settings("dbadmin"), "FLOWFORGE_DATABASE_ROLES": roles, **_prefect_database(it, site)},
            {},
        ),
        Work("migrate", platform.web_image, "web", "web", settings("web"), {}),
        Work(
            "register",
            platform.prefect_image,
            "worker",
            "worker",
            settings("worker"),
            {name: str(uri) for name, uri in prefect_credential(it, site).items()},
        ),
    )


def _users(it: Installation) -> tuple[Workload, ...]:
    """Workloads whose identities are database roles."""
    return ("web", "worker", "prefect") if it.answers.platform.prefect == "server" else ("web", "worker")


def _prefect_database(it: Installation, site: Site) -> dict[str, Json]:
    if it.answers.platform.prefect != "server":
        return {}
    return {"FLOWFORGE_PREFECT_DATABASE_NAME": it.names.database(site.name, "prefect")}
