// Stage 11, integrations: Azure services that work with FlowForge, each off until requested.

targetScope = 'subscription'

import { Endpoint, Tags } from 'types.bicep'
import { Administrators, IntegrationsEnvironment, Purview } from 'types/integrations.bicep'

@description('Region of what all environments share.')
param location string

@description('Tags of the shared resources.')
param tags Tags

@description('Resource group of what all environments share.')
param platformGroupName string

@description('Whether there is a data factory.')
param dataFactory bool

@description('Whether there is a Synapse workspace.')
param synapse bool

@description('Who administers Synapse workspaces; only where there are some.')
param administrators Administrators?

@description('Container that Synapse works in.')
param containerName string

@description('Where the catalogue of the data is.')
param purview Purview

@description('Name of the Purview account that is built.')
param purviewName string

@description('Resource group that the Purview account makes for itself.')
param purviewGroupName string

@description('Id of the Purview account; only where there is one.')
param purviewId string?

@description('Object id of the identity of the Purview account, if it exists already.')
param purviewPrincipalId string?

@description('Whether there is a topic for events.')
param eventGrid bool

@description('Queue that events are laid into.')
param queueName string

@description('For whom tokens have to be made out that put events on a topic.')
param eventAudience string

@description('Whether there is a workflow.')
param logicApp bool

@description('Whether the services are reached from public addresses, by those who may.')
param publicAccess bool

@description('The environments.')
param environments IntegrationsEnvironment[]

@description('Private endpoints of the services.')
param endpoints Endpoint[]

module factories 'modules/data-factory.bicep' = [
  for environment in environments: if (dataFactory) {
    scope: resourceGroup(environment.site.subscriptionId, environment.site.resourceGroupName)
    params: {
      location: environment.site.location
      tags: environment.site.tags
      name: environment.dataFactoryName
      storageAccountName: environment.storageAccountName
      publicAccess: publicAccess
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
      managedGroupName: environment.synapseGroupName
      storageAccountName: environment.storageAccountName
      lakeUrl: environment.lakeUrl
      containerName: containerName
      administrators: administrators!
      publicAccess: publicAccess
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
  }
}

module lakeReaders 'modules/lake-reader.bicep' = [
  for environment in environments: if (purview != 'none') {
    scope: resourceGroup(environment.site.subscriptionId, environment.site.resourceGroupName)
    params: {
      storageAccountName: environment.storageAccountName
      readerId: purviewId!
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
      // A workflow stands outside of every network.
      publicAccess: publicAccess || logicApp
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
      topicName: environment.topicName
      topicUrl: environment.topicUrl
      audience: eventAudience
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
      zoneId: endpoint.?zoneId
    }
    dependsOn: [
      factories
      workspaces
      catalogue
      topics
    ]
  }
]
