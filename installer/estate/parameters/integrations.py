"""Parameters of stage 12, integrations: Azure services that work with FlowForge."""

from typing import Final

from installer.conventions.integrations import INTEGRATIONS
from installer.conventions.naming import LAYERS
from installer.conventions.naming.environment import EVENT_QUEUE
from installer.estate.parameters.context import Installation, Site
from installer.estate.parameters.kept_access_rules import access_rules
from installer.estate.parameters.principals import principals_of
from installer.estate.parameters.resource_ids import endpoints, place, resource_id, workspace_id
from installer.estate.parameters.stage_spec import KeptByOthers, Outputs
from installer.json_access import as_list, member
from installer.jsontypes import Json

_TOPICS_VERSION: Final = "2025-02-15"


def integrations(it: Installation, outputs: Outputs) -> dict[str, Json]:
    """The enabled ones of Data Factory, Synapse, Purview, Event Grid and Logic App."""
    asked, names = it.answers.integrations, it.names
    return {
        "location": it.location,
        "tags": it.tags(),
        "platformGroupName": names.platform_group,
        "workspaceId": workspace_id(it),
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
        "eventAudience": f"https://{_host(it, 'event_grid')}",
        "logicApp": asked.logic_app,
        "publicAccess": it.public,
        "environments": [_services(it, site, outputs) for site in it.sites],
        "endpoints": _endpoints(it),
    }


def created(it: Installation) -> tuple[str, ...]:
    """Services that the stage creates, by their keys in integrations.json."""
    asked = it.answers.integrations
    return tuple(name for name in INTEGRATIONS if getattr(asked, name) in (True, "new"))


def connected_to_lake(it: Installation, environment: str) -> tuple[tuple[str, str], ...]:
    """Services that request a private endpoint at the data lake of an environment: title and name of each."""
    asked, names = it.answers.integrations, it.names
    found = (
        ("Data Factory", names.data_factory(environment), asked.data_factory),
        ("Synapse", names.synapse(environment), asked.synapse and not it.public),
    )
    return tuple((title, name) for title, name, wanted in found if wanted)


def _administrators(it: Installation) -> dict[str, Json]:
    return {"name": it.answers.sign_on.admin_group_name, "objectId": it.answers.sign_on.admin_group}


def _purview_id(it: Installation) -> str | None:
    asked, names = it.answers.integrations, it.names
    if asked.purview == "new":
        return resource_id(it.subscription, names.platform_group, _type("purview"), names.purview)
    return asked.purview_id if asked.purview == "existing" else None


def kept_topic_rules(it: Installation) -> tuple[KeptByOthers, ...]:
    """Access rules of others on the topics."""
    kind = _type("event_grid")
    return tuple(
        access_rules(
            kind,
            resource_id(site.subscription, it.names.group(site.name), kind, it.names.topic(site.name)),
            _TOPICS_VERSION,
            _inbound_rules,
        )
        for site in it.sites
        if it.answers.integrations.event_grid
    )


def _inbound_rules(content: dict[str, Json]) -> Json:
    rules = as_list(member(content, "properties", "inboundIpRules"))
    return {"inboundIpRules": rules} if rules else {}


def _services(it: Installation, site: Site, outputs: Outputs) -> dict[str, Json]:
    names, storage = it.names, it.names.answers_at.storage
    topic = names.topic(site.name)
    return {
        "site": place(it, site),
        "storageAccountName": names.storage_account(site.name),
        "lakeUrl": f"https://{names.storage_account(site.name)}.dfs.{storage}",
        "dataFactoryName": names.data_factory(site.name),
        "synapseName": names.synapse(site.name),
        "synapseGroupName": names.synapse_group(site.name),
        "topicName": topic,
        "topicUrl": f"https://{topic}.{site.location}-1.{_host(it, 'event_grid')}/api/events",
        "workflowName": names.workflow(site.name),
        "eventReader": principals_of(outputs, site.name)["web"].object_id,
    }


def _endpoints(it: Installation) -> list[Json]:
    """Private endpoints of the services: in the hub, then in the network of each environment."""
    names, asked = it.names, created(it)
    targets = [("purview", "hub", str(_purview_id(it)))] if "purview" in asked else []
    for site in it.sites:
        of_site = {
            "data_factory": names.data_factory(site.name),
            "synapse": names.synapse(site.name),
            "event_grid": names.topic(site.name),
        }
        targets += [
            (service, site.name, resource_id(site.subscription, names.group(site.name), _type(service), name))
            for service, name in of_site.items()
            if service in asked
        ]
    return [
        endpoint
        for service, network, target in targets
        for part, zone in INTEGRATIONS[service].zones(names.cloud).items()
        for endpoint in endpoints(it, network, target, part, zone)
    ]


def _host(it: Installation, service: str) -> str:
    return INTEGRATIONS[service].hosts[it.names.cloud]


def _type(service: str) -> str:
    return INTEGRATIONS[service].type
