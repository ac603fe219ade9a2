"""Parameters of stage 12, integrations: Azure services that work with FlowForge."""

from collections.abc import Callable, Iterator
from typing import Final

from installer.conventions.integrations import INTEGRATIONS
from installer.conventions.naming import LAYERS
from installer.conventions.naming.environment import EVENT_QUEUE
from installer.estate.parameters.context import Installation, Site
from installer.estate.parameters.kept_access_rules import access_rules
from installer.estate.parameters.principals import principals_of
from installer.estate.parameters.resource_ids import endpoints, place, resource_id, workspace_id
from installer.estate.parameters.stage_spec import KeptByOthers, Outputs
from installer.json_access import JsonObject, as_list, as_object, member
from installer.jsontypes import Json

_TOPICS_VERSION: Final = "2025-02-15"
_FACTORIES_VERSION: Final = "2018-06-01"
_WORKSPACES_VERSION: Final = "2021-06-01"
_WORKFLOWS_VERSION: Final = "2019-05-01"
_OF_FACTORIES: Final = ("repoConfiguration", "globalParameters", "encryption", "purviewConfiguration")
_OF_WORKSPACES: Final = ("workspaceRepositoryConfiguration", "purviewConfiguration")
_CONNECTIONS: Final = "$connections"


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


def kept_services(it: Installation) -> tuple[KeptByOthers, ...]:
    """Settings of the services that the answers ask for."""
    return tuple(_of_services(it))


def _of_services(it: Installation) -> Iterator[KeptByOthers]:
    asked, names = it.answers.integrations, it.names
    for site in it.sites:
        group = names.group(site.name)
        if asked.data_factory:
            name = names.data_factory(site.name)
            where = resource_id(site.subscription, group, _type("data_factory"), name)
            yield KeptByOthers("kept", f"factories/{name}", where, _FACTORIES_VERSION, name, _picked(_OF_FACTORIES))
        if asked.synapse:
            name = names.synapse(site.name)
            where = resource_id(site.subscription, group, _type("synapse"), name)
            yield KeptByOthers("kept", f"synapse/{name}", where, _WORKSPACES_VERSION, name, _picked(_OF_WORKSPACES))
        if asked.logic_app:
            name = names.workflow(site.name)
            where = resource_id(site.subscription, group, _type("logic_app"), name)
            yield KeptByOthers("kept", f"workflows/{name}", where, _WORKFLOWS_VERSION, name, _workflow)
            declared = f"workflows/{name}/definition"
            yield KeptByOthers("kept", declared, where, _WORKFLOWS_VERSION, f"definition of {name}", _declared)


def _picked(names: tuple[str, ...]) -> Callable[[dict[str, Json]], Json]:
    def select(content: dict[str, Json]) -> Json:
        properties = as_object(content.get("properties"))
        return {name: properties[name] for name in names if properties.get(name)}

    return select


def _workflow(content: dict[str, Json]) -> Json:
    properties = as_object(content.get("properties"))
    found = _connections(as_object(properties.get("parameters")))
    return {**found, **as_object(_picked(("accessControl",))(content))}


def _declared(content: dict[str, Json]) -> Json:
    """The declaration of the connections, without which Azure accepts no value for them."""
    return _connections(as_object(member(content, "properties", "definition", "parameters")))


def _connections(parameters: JsonObject) -> JsonObject:
    return {"parameters": {_CONNECTIONS: parameters[_CONNECTIONS]}} if _CONNECTIONS in parameters else {}


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


def workspace_rights(it: Installation, site: Site) -> Iterator[str]:
    """The command that lets flows submit Spark jobs to the Synapse workspace of an environment, if they are to.

    Roles belong to the workspace, and only a Synapse Administrator assigns them: learn.microsoft.com/azure/synapse-analytics/
    security/synapse-workspace-synapse-rbac-roles, and /cli/azure/synapse/role/assignment.
    """
    asked, names = it.answers.integrations, it.names
    if not asked.synapse or asked.synapse_worker == "none":
        return
    identity = f"az identity show -g {names.group(site.name)} -n {names.identity(site.name, 'worker')}"
    yield (
        f"Synapse of {site.name}: a Synapse Administrator runs: az synapse role assignment create --workspace-name "
        f'{names.synapse(site.name)} --role "Synapse Compute Operator" --assignee-object-id '
        f'"$({identity} --query principalId -o tsv)" --assignee-principal-type ServicePrincipal'
    )
