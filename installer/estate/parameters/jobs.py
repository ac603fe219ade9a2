"""One-time jobs in the network of an environment: database roles, tables of FlowForge and of Prefect, Prefect objects."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from installer.database_setup.model import Database, DatabaseOrder, Role
from installer.database_setup.payload import COMMAND, order_settings
from installer.estate.parameters.context import Installation, Site
from installer.estate.parameters.images import deployed_image
from installer.estate.parameters.prefect_api import prefect_credential
from installer.estate.parameters.prefect_server import database_settings, upgrade_command
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
    return tuple(make() for make in _makers(it, site, outputs).values())


def work_of(it: Installation, site: Site, outputs: Outputs, name: WorkName) -> Work:
    """One of them: only the digest of its image is read, while another image may not exist yet."""
    return _makers(it, site, outputs)[name]()


def _makers(it: Installation, site: Site, outputs: Outputs) -> dict[WorkName, Callable[[], Work]]:
    """How each job is made."""
    names, platform = it.names, it.answers.platform
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

    def bootstrap() -> Work:
        order = order_settings(database_order(it, site, outputs))
        own = {**settings("dbadmin"), **audience, **order}
        return Work(
            "bootstrap", deployed_image(it, "prefect", outputs, site.name), "worker", "dbadmin", own, {}, COMMAND
        )

    def check() -> Work:
        more: dict[str, Json] = {"FLOWFORGE_HEALTH_PATH": HEALTH_PATH, "FLOWFORGE_PORT": str(WEB_PORT)}
        own = {**settings("web"), **database, **more}
        return Work("check", deployed_image(it, "web", outputs, site.name), "web", "web", own, {})

    def migrate() -> Work:
        return Work(
            "migrate", deployed_image(it, "web", outputs, site.name), "web", "web", {**settings("web"), **database}, {}
        )

    def upgrade() -> Work:
        """Prefect's own tables, before its servers: several of them would migrate at the same time."""
        own, image = database_settings(it, site, outputs), deployed_image(it, "prefect", outputs, site.name)
        return Work("upgrade", image, "prefect", "prefect", own, {}, program=upgrade_command(it))

    def register() -> Work:
        kept = {name: str(uri) for name, uri in prefect_credential(it, site).items()}
        own = {**settings("worker"), **database}
        return Work("register", deployed_image(it, "prefect", outputs, site.name), "worker", "worker", own, kept)

    tables: dict[WorkName, Callable[[], Work]] = {"upgrade": upgrade} if platform.prefect == "server" else {}
    return {"bootstrap": bootstrap, "check": check, "migrate": migrate, **tables, "register": register}


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
