"""Azure services beside FlowForge, each of them off until it is asked for."""

from typing import Annotated, Literal

from pydantic import Field

from installer.answers.ask import Ask, Page
from installer.answers.pages.patterns import PURVIEW_ID


class Integrations(Page):
    """Azure services that work beside FlowForge, in each environment; all are off until you ask for them."""

    data_factory: Annotated[
        bool,
        Ask("Data Factory", help="A data factory with a private way to the lake.", bicep="dataFactory"),
    ] = False
    synapse: Annotated[
        bool,
        Ask("Synapse", help="A Synapse workspace on the lake. Azure maintains it but adds nothing.", bicep="synapse"),
    ] = False
    purview: Annotated[
        Literal["none", "new", "existing"],
        Ask(
            "Purview",
            help="A catalogue of the data. One for each tenant is usual: take the one you have, if you have one.",
            options={"none": "none", "new": "a new account", "existing": "an existing account"},
            bicep="purview",
        ),
    ] = "none"
    purview_id: Annotated[
        str,
        Field(pattern=PURVIEW_ID),
        Ask(
            "Purview account",
            help="Resource id of the account, which is given the right to read the lakes.",
            allowed="the resource id of a Purview account",
            example="/subscriptions/4f2c8a16-3b1d-4a8e-9c55-0e6a7d9191ab/resourceGroups/rg-gov"
            "/providers/Microsoft.Purview/accounts/pview-contoso",
            applies=lambda view: view.get("integrations.purview") == "existing",
        ),
    ] = ""
    purview_principal: Annotated[
        str,
        Field(pattern=r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"),
        Ask(
            "Its identity",
            help="Object id of the managed identity of that account.",
            allowed="an id of the form 00000000-0000-0000-0000-000000000000",
            applies=lambda view: view.get("integrations.purview") == "existing",
        ),
    ] = ""
    event_grid: Annotated[
        bool,
        Ask(
            "Event Grid",
            help="A topic whose events FlowForge reads from a queue, since nothing outside can call a private API.",
            bicep="eventGrid",
        ),
    ] = False
    logic_app: Annotated[
        bool,
        Ask("Logic App", help="A workflow that puts events on that topic or queue.", bicep="logicApp"),
    ] = False
