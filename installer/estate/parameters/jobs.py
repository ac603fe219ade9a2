"""One-time jobs in the network of an environment: database roles, tables of FlowForge and of Prefect, Prefect objects."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from installer.estate.parameters.context import Installation, Site
from installer.estate.parameters.prefect_api import prefect_credential
from installer.estate.parameters.prefect_server import UPGRADE_COMMAND, database_settings
from installer.estate.parameters.principals import Workload, principals_of
from installer.estate.parameters.stage_spec import Outputs
from installer.jsontypes import Json

WorkName = Literal["bootstrap", "migrate", "upgrade", "register"]


@dataclass(frozen=True)
class Work:
    """A one-time job.

    Attributes:
        image: Repository and tag.
        pulls: Workload whose identity pulls the image; the database administrator has no permission for that.
        acts: Workload whose identity the job uses.
        settings: Environment variables.
        kept: Secret URI in the key vault by environment variable.
        program: Command line; empty for the command of FlowForge images with the name of the job.

    """

    name: WorkName
    image: str
    pulls: Workload
    acts: Workload
    settings: dict[str, Json]
    kept: Mapping[str, str]
    program: Sequence[Json] = ()

    @property
    def command(self) -> list[Json]:
        """Its command line."""
        return list(self.program) or ["flowforge", self.name]


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
        *(_tables_of_prefect(it, site, outputs) if platform.prefect == "server" else ()),
        Work(
            "register",
            platform.prefect_image,
            "worker",
            "worker",
            settings("worker"),
            {name: str(uri) for name, uri in prefect_credential(it, site).items()},
        ),
    )


def _tables_of_prefect(it: Installation, site: Site, outputs: Outputs) -> Iterator[Work]:
    """Prefect's own tables, before its servers: several of them would migrate at the same time."""
    settings = database_settings(it, site, outputs)
    yield Work(
        "upgrade", it.answers.platform.prefect_image, "prefect", "prefect", settings, {}, program=UPGRADE_COMMAND
    )


def _users(it: Installation) -> tuple[Workload, ...]:
    """Workloads whose identities are database roles."""
    return ("web", "worker", "prefect") if it.answers.platform.prefect == "server" else ("web", "worker")


def _prefect_database(it: Installation, site: Site) -> dict[str, Json]:
    if it.answers.platform.prefect != "server":
        return {}
    return {"FLOWFORGE_PREFECT_DATABASE_NAME": it.names.database(site.name, "prefect")}
