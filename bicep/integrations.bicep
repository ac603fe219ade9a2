metadata name = 'Stage 12: integrations'
metadata description = 'Optional Azure services that work with FlowForge.'

targetScope = 'subscription'

import { Endpoint, KeptByOthers, Tags } from 'types.bicep'
import { Administrators, IntegrationsEnvironment, Purview } from 'types/integrations.bicep'

@description('Region of the shared resources.')
param location string

@description('Tags of the shared resources.')
param tags Tags

@description('Resource group of the shared resources.')
param platformGroupName string

@description('Resource id of the Log Analytics workspace.')
param workspaceId string

@description('Whether to create data factories.')
param dataFactory bool

@description('Whether to create Synapse workspaces.')
param synapse bool

@description('Entra administrators of the Synapse workspaces; only with Synapse.')
param administrators Administrators?

@description('Default container of the Synapse workspaces.')
param containerName string

@description('Whether Purview is not used, created, or exists already.')
param purview Purview

@description('Name of the new Purview account.')
param purviewName string

@description('Managed resource group of the Purview account.')
param purviewGroupName string

@description('Resource id of the Purview account; omitted without one.')
param purviewId string?

@description('Object id of the managed identity of an existing Purview account.')
param purviewPrincipalId string?

@description('Whether to create Event Grid topics.')
param eventGrid bool

@description('Queue that events are delivered to.')
param queueName string

@description('Token audience for publishing events.')
param eventAudience string

@description('Whether to create Logic Apps.')
param logicApp bool

@description('Whether the services allow public network access.')
param publicAccess bool

@description('The environments.')
param environments IntegrationsEnvironment[]

@description('Settings of others, which a redeployment must not remove.')
param kept KeptByOthers?

@description('Private endpoints of the services.')
param endpoints Endpoint[]

module factories 'modules/data-factory.bicep' = [
  for environment in environments: if (dataFactory) {
    scope: resourceGroup(environment.site.subscriptionId, environment.site.resourceGroupName)
    params: {
      location: environment.site.location
      tags: environment.site.tags
      name: environment.dataFactoryName
      keptProperties: kept[?'factories/${environment.dataFactoryName}']
      storageAccountName: environment.storageAccountName
      publicAccess: publicAccess
      workspaceId: workspaceId
    }
  }
]

module workspaces 'modules/synapse.bicep' = [
  for environment in environments: if (synapse) {
    scope: resourceGroup(environment.site.subscriptionId, environment.site.resourceGroupName)
    params: {
      location: environment.site.location
      tags: environment.site.tags
      name: environment.synapseName
      keptProperties: kept[?'synapse/${environment.synapseName}']
      managedGroupName: environment.synapseGroupName
      storageAccountName: environment.storageAccountName
      lakeUrl: environment.lakeUrl
      containerName: containerName
      administrators: administrators!
      publicAccess: publicAccess
      workspaceId: workspaceId
    }
  }
]

module catalogue 'modules/purview.bicep' = if (purview == 'new') {
  scope: resourceGroup(platformGroupName)
  params: {
    location: location
    tags: tags
    name: purviewName
    managedGroupName: purviewGroupName
    publicAccess: publicAccess
    workspaceId: workspaceId
  }
}

module lakeReaders 'modules/lake-reader.bicep' = [
  for environment in environments: if (purview != 'none') {
    scope: resourceGroup(environment.site.subscriptionId, environment.site.resourceGroupName)
    params: {
      storageAccountName: environment.storageAccountName
      readerId: purviewPrincipalId ?? purviewId!
      principalId: purviewPrincipalId ?? catalogue.?outputs.principalId ?? ''
    }
  }
]

module topics 'modules/events.bicep' = [
  for environment in environments: if (eventGrid) {
    scope: resourceGroup(environment.site.subscriptionId, environment.site.resourceGroupName)
    params: {
      location: environment.site.location
      tags: environment.site.tags
      name: environment.topicName
      storageAccountName: environment.storageAccountName
      queueName: queueName
      readerPrincipalId: environment.eventReader
      // A consumption Logic App is outside every network.
      publicAccess: publicAccess || logicApp
      keptRules: kept[?'topics/${environment.topicName}']
      keptAccess: kept[?'topics/${environment.topicName}/access']
      workspaceId: workspaceId
    }
  }
]

module workflows 'modules/workflow.bicep' = [
  for (environment, i) in environments: if (logicApp) {
    scope: resourceGroup(environment.site.subscriptionId, environment.site.resourceGroupName)
    params: {
      location: environment.site.location
      tags: environment.site.tags
      name: environment.workflowName
      keptProperties: kept[?'workflows/${environment.workflowName}']
      keptDeclaration: kept[?'workflows/${environment.workflowName}/definition']
      topicName: environment.topicName
      topicUrl: environment.topicUrl
      audience: eventAudience
      workspaceId: workspaceId
    }
    dependsOn: [
      topics[i]
    ]
  }
]

module privateEndpoints 'modules/endpoint.bicep' = [
  for endpoint in endpoints: {
    scope: resourceGroup(endpoint.subscriptionId, endpoint.resourceGroupName)
    params: {
      endpoint: endpoint
      subnetId: endpoint.subnetId
      targetId: endpoint.targetId
      zoneIds: endpoint.?zoneIds
    }
    dependsOn: [
      factories
      workspaces
      catalogue
      topics
    ]
  }
]
