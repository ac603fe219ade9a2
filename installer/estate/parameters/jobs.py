"""One-time jobs in the network of an environment: database roles, tables of FlowForge and of Prefect, Prefect objects."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from installer.database_setup.model import Database, DatabaseOrder, Role
from installer.database_setup.payload import COMMAND, order_settings
from installer.estate.parameters.context import Installation, Site
from installer.estate.parameters.images import deployed_image
from installer.estate.parameters.prefect_api import prefect_credential
from installer.estate.parameters.prefect_server import UPGRADE_COMMAND, database_settings
from installer.estate.parameters.principals import Workload, principals_of
from installer.estate.parameters.stage_spec import Outputs
from installer.jsontypes import Json

WorkName = Literal["bootstrap", "check", "migrate", "upgrade", "register"]
HEALTH_PATH: Final = "/api/health"
"""Path of the health probe of the web app; without sign-in, so that probes reach it."""
WEB_PORT: Final = 3000
"""Port of the web app in its container."""
_EXTENSIONS: Final = ("pg_trgm",)
"""Extensions in every database, which the template allows on the server (bicep/modules/postgres.bicep)."""


@dataclass(frozen=True)
class Work:
    """A one-time job.

    Attributes:
        image: Repository and digest.
        pulls: Workload whose identity pulls the image; the database administrator has no permission for that.
        acts: Workload whose identity the job uses.
        settings: Environment variables.
        kept: Secret URI in the key vault by environment variable.
        program: Command line of a program in the settings; empty for the command of the image with the name of the job.

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
    prefect_image, web_image = deployed_image(it, "prefect", outputs), deployed_image(it, "web", outputs)
    principals = principals_of(outputs, site.name)
    server: dict[str, Json] = {
        "FLOWFORGE_ENVIRONMENT": site.name,
        "FLOWFORGE_DATABASE_HOST": names.postgres_at(it.postgres(site)),
    }

    def settings(workload: Workload) -> dict[str, Json]:
        return {
            **server,
            "AZURE_CLIENT_ID": principals[workload].client_id,
            "FLOWFORGE_DATABASE_USER": names.identity(site.name, workload),
        }

    database: dict[str, Json] = {"FLOWFORGE_DATABASE_NAME": names.database(site.name, "flowforge")}
    audience: dict[str, Json] = {"FLOWFORGE_DATABASE_AUDIENCE": names.answers_at.postgres_audience}
    return (
        Work(
            "bootstrap",
            prefect_image,
            "worker",
            "dbadmin",
            {**settings("dbadmin"), **audience, **order_settings(database_order(it, site, outputs))},
            {},
            COMMAND,
        ),
        Work(
            "check",
            web_image,
            "web",
            "web",
            {**settings("web"), **database, "FLOWFORGE_HEALTH_PATH": HEALTH_PATH, "FLOWFORGE_PORT": str(WEB_PORT)},
            {},
        ),
        Work("migrate", web_image, "web", "web", {**settings("web"), **database}, {}),
        *(_tables_of_prefect(it, site, outputs) if platform.prefect == "server" else ()),
        Work(
            "register",
            prefect_image,
            "worker",
            "worker",
            {**settings("worker"), **database},
            {name: str(uri) for name, uri in prefect_credential(it, site).items()},
        ),
    )


def _tables_of_prefect(it: Installation, site: Site, outputs: Outputs) -> Iterator[Work]:
    """Prefect's own tables, before its servers: several of them would migrate at the same time."""
    settings = database_settings(it, site, outputs)
    yield Work(
        "upgrade", deployed_image(it, "prefect", outputs), "prefect", "prefect", settings, {}, program=UPGRADE_COMMAND
    )


def database_order(it: Installation, site: Site, outputs: Outputs) -> DatabaseOrder:
    """Roles and databases of an environment: the web app creates the tables of FlowForge, which the worker uses."""
    principals = principals_of(outputs, site.name)
    on_server = it.answers.platform.prefect == "server"
    workloads: tuple[Workload, ...] = ("web", "worker", "prefect") if on_server else ("web", "worker")
    role = {who: it.names.identity(site.name, who) for who in workloads}
    flowforge = Database(
        it.names.database(site.name, "flowforge"), owner=role["web"], users=(role["worker"],), extensions=_EXTENSIONS
    )
    databases = [flowforge]
    if on_server:
        prefect = it.names.database(site.name, "prefect")
        databases.append(Database(prefect, owner=role["prefect"], extensions=_EXTENSIONS))
    return DatabaseOrder(tuple(Role(role[who], principals[who].object_id) for who in workloads), tuple(databases))
