"""Page Integrations: optional Azure services, all off by default."""

from typing import Annotated, Literal

from pydantic import Field

from installer.answers.ask import Ask, Page
from installer.answers.pages.patterns import PURVIEW_ID


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
        Field(pattern=PURVIEW_ID),
        Ask(
            "Purview account",
            help="Resource ID of the account. It is granted read access to the data lakes.",
            allowed="the resource ID of a Purview account",
            example="/subscriptions/4f2c8a16-3b1d-4a8e-9c55-0e6a7d9191ab/resourceGroups/rg-gov"
            "/providers/Microsoft.Purview/accounts/pview-contoso",
            applies=lambda view: view.get("integrations.purview") == "existing",
        ),
    ] = ""
    purview_principal: Annotated[
        str,
        Field(pattern=r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"),
        Ask(
            "Purview identity",
            help="Object (principal) ID of the managed identity of the Purview account.",
            allowed="an ID of the form 00000000-0000-0000-0000-000000000000",
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
