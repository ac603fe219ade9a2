"""Page Integrations: optional Azure services, all off by default."""

from typing import Annotated, Final, Literal, NamedTuple

from pydantic import Field

from installer.answers.ask import Ask, Page
from installer.answers.pages.patterns import GUID, GUID_WORDS, SQL_DATABASE, id_pattern


class Integrations(Page):
    """Optional Azure services for each environment; all are off by default."""

    data_factory: Annotated[
        bool,
        Ask("Data Factory", help="A data factory with private access to the data lake.", bicep="dataFactory"),
    ] = False
    synapse: Annotated[
        bool,
        Ask(
            "Synapse",
            help="A Synapse workspace on the data lake. Microsoft maintains Synapse but adds no features.",
            bicep="synapse",
        ),
    ] = False
    synapse_worker: Annotated[
        Literal["none", "operator"],
        Ask(
            "Flows in Synapse",
            help="Synapse role of the worker's identity. Only a Synapse Administrator can assign it: the last page has the "
            "command.",
            options={
                "none": "none",
                "operator": "Synapse Compute Operator: submit Spark jobs",
            },
            applies=lambda view: view.get("integrations.synapse") is True,
        ),
    ] = "none"
    sql_databases: Annotated[
        list[Annotated[str, Field(pattern=SQL_DATABASE)]],
        Field(max_length=40),
        Ask(
            "Azure SQL databases",
            help="Existing databases that flows use. Only an Entra administrator of a server can create users there: the "
            "last page has the statements.",
            allowed="ENVIRONMENT=the resource ID of a database, separated by spaces",
            example="dev=/subscriptions/4f2c8a16-3b1d-4a8e-9c55-0e6a7d9191ab/resourceGroups/rg-sales"
            "/providers/Microsoft.Sql/servers/sql-sales/databases/orders",
            optional=True,
        ),
    ] = []  # noqa: RUF012  pydantic copies defaults
    sql_worker: Annotated[
        Literal["read", "write"],
        Ask(
            "Flows in Azure SQL",
            help="Database roles of the worker's identity in these databases.",
            options={"read": "read (db_datareader)", "write": "read and write (db_datareader, db_datawriter)"},
            applies=lambda view: bool(view.get("integrations.sql_databases")),
        ),
    ] = "read"
    purview: Annotated[
        Literal["none", "new", "existing"],
        Ask(
            "Purview",
            help="Data catalogue. A tenant usually has one account: select the existing one if there is one.",
            options={"none": "none", "new": "new account", "existing": "existing account"},
            bicep="purview",
        ),
    ] = "none"
    purview_id: Annotated[
        str,
        Field(pattern=id_pattern("Microsoft.Purview/accounts", "[A-Za-z0-9-]{3,63}")),
        Ask(
            "Purview account",
            source="purview_accounts",
            help="Resource ID of the account. It is granted read access to the data lakes.",
            allowed="the resource ID of a Purview account",
            example="/subscriptions/4f2c8a16-3b1d-4a8e-9c55-0e6a7d9191ab/resourceGroups/rg-gov"
            "/providers/Microsoft.Purview/accounts/pview-contoso",
            applies=lambda view: view.get("integrations.purview") == "existing",
        ),
    ] = ""
    purview_principal: Annotated[
        str,
        Field(pattern=GUID),
        Ask(
            "Purview identity",
            help="Object (principal) ID of the managed identity of the Purview account.",
            allowed=GUID_WORDS,
            applies=lambda view: view.get("integrations.purview") == "existing",
        ),
    ] = ""
    event_grid: Annotated[
        bool,
        Ask(
            "Event Grid",
            help="A topic whose events are delivered to a queue that FlowForge reads, because its API is private.",
            bicep="eventGrid",
        ),
    ] = False
    logic_app: Annotated[
        bool,
        Ask("Logic App", help="A workflow that publishes events to the Event Grid topic.", bicep="logicApp"),
    ] = False

    @property
    def any_selected(self) -> bool:
        """Whether there is any optional service."""
        return self.data_factory or self.synapse or self.purview != "none" or self.event_grid or self.logic_app

    @property
    def has_queue(self) -> bool:
        """Whether events of other systems are delivered to a queue in the storage account."""
        return self.event_grid


class Requirement(NamedTuple):
    """A service that requires another answer.

    Attributes:
        service: Key of the question about the service.
        other: Key of the other question.
        without: Answers to the other question with which the service is rejected.
        message: Text of the problem.

    """

    service: str
    other: str
    without: tuple[object, ...]
    message: str


REQUIRED: Final = (
    Requirement(
        "integrations.logic_app",
        "integrations.event_grid",
        (False,),
        "the workflow publishes to an Event Grid topic; enable Event Grid too",
    ),
    Requirement(
        "integrations.synapse",
        "sign_on.admin_group",
        (None, ""),
        "a Synapse workspace requires administrators; enter an Admin group first",
    ),
)
"""Services that require another answer."""
