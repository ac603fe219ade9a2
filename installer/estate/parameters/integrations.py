"""Parameters of stage 11, integrations: Azure services that work with FlowForge."""

from installer.conventions.naming import LAYERS
from installer.conventions.naming.environment import EVENT_QUEUE
from installer.estate.parameters.context import Installation, Site
from installer.estate.parameters.principals import principals_of
from installer.estate.parameters.resource_ids import endpoints, place, resource_id
from installer.estate.parameters.stage_spec import Outputs
from installer.jsontypes import Json


def integrations(it: Installation, outputs: Outputs) -> dict[str, Json]:
    """The enabled ones of Data Factory, Synapse, Purview, Event Grid and Logic App."""
    asked, names = it.answers.integrations, it.names
    return {
        "location": it.location,
        "tags": it.tags(),
        "platformGroupName": names.platform_group,
        "dataFactory": asked.data_factory,
        "synapse": asked.synapse,
        "administrators": _administrators(it) if asked.synapse else None,
        "containerName": LAYERS[-1],
        "purview": asked.purview,
        "purviewName": names.purview,
        "purviewGroupName": names.purview_group,
        "purviewId": _purview_id(it),
        "purviewPrincipalId": asked.purview_principal if asked.purview == "existing" else None,
        "eventGrid": asked.event_grid,
        "queueName": EVENT_QUEUE,
        "eventAudience": f"https://{names.answers_at.event_grid}",
        "logicApp": asked.logic_app,
        "publicAccess": it.public,
        "environments": [_services(it, site, outputs) for site in it.sites],
        "endpoints": [
            *(endpoints(it, "hub", str(_purview_id(it)), "account", "purview") if asked.purview == "new" else []),
            *(endpoint for site in it.sites for endpoint in _endpoints(it, site)),
        ],
    }


def _administrators(it: Installation) -> dict[str, Json]:
    return {"name": it.answers.sign_on.admin_group_name, "objectId": it.answers.sign_on.admin_group}


def _purview_id(it: Installation) -> str | None:
    asked, names = it.answers.integrations, it.names
    if asked.purview == "new":
        return resource_id(it.subscription, names.platform_group, "Microsoft.Purview/accounts", names.purview)
    return asked.purview_id if asked.purview == "existing" else None


def _services(it: Installation, site: Site, outputs: Outputs) -> dict[str, Json]:
    names, at = it.names, it.names.answers_at
    topic = names.topic(site.name)
    return {
        "site": place(it, site),
        "storageAccountName": names.storage_account(site.name),
        "lakeUrl": f"https://{names.storage_account(site.name)}.dfs.{at.storage}",
        "dataFactoryName": names.data_factory(site.name),
        "synapseName": names.synapse(site.name),
        "synapseGroupName": names.synapse_group(site.name),
        "topicName": topic,
        "topicUrl": f"https://{topic}.{site.location}-1.{at.event_grid}/api/events",
        "workflowName": names.workflow(site.name),
        "eventReader": principals_of(outputs, site.name)["web"].object_id,
    }


def _endpoints(it: Installation, site: Site) -> list[Json]:
    asked, names, group = it.answers.integrations, it.names, it.names.group(site.name)
    found: list[Json] = []
    if asked.data_factory:
        factory = resource_id(
            site.subscription, group, "Microsoft.DataFactory/factories", names.data_factory(site.name)
        )
        found += endpoints(it, site.name, factory, "dataFactory", "data_factory")
    if asked.synapse:
        workspace = resource_id(site.subscription, group, "Microsoft.Synapse/workspaces", names.synapse(site.name))
        found += endpoints(it, site.name, workspace, "Sql", "synapse_sql")
        found += endpoints(it, site.name, workspace, "SqlOnDemand", "synapse_sql")
        found += endpoints(it, site.name, workspace, "Dev", "synapse_dev")
    if asked.event_grid:
        topic = resource_id(site.subscription, group, "Microsoft.EventGrid/topics", names.topic(site.name))
        found += endpoints(it, site.name, topic, "topic", "event_grid")
    return found
