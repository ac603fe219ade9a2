// The owner of the lake has to approve the connection of the private endpoint.

metadata name = 'Data Factory'
metadata description = 'A data factory with a managed network and a managed private endpoint for the lake.'

import { Tags } from '../types.bicep'
import { categories } from '../types/interfaces.bicep'

@description('Region of the factory.')
param location string

@description('Tags of the factory.')
param tags Tags

@description('Name of the factory.')
@minLength(3)
@maxLength(63)
param name string

@description('Name of the storage account of the lake.')
param storageAccountName string

@description('Whether public network access is allowed.')
param publicAccess bool

@description('Properties that others have set: JSON text; null for none.')
param keptProperties string?

@description('Resource id of the Log Analytics workspace.')
param workspaceId string

@description('Built-in role Storage Blob Data Contributor.')
var roleId = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'

resource storageAccount 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: storageAccountName
}

resource factory 'Microsoft.DataFactory/factories@2018-06-01' = {
  name: name
  location: location
  tags: tags
  identity: {
    type: 'SystemAssigned'
  }
  properties: {
    ...json(keptProperties ?? '{}')
    publicNetworkAccess: publicAccess ? 'Enabled' : 'Disabled'
  }

  resource managedNetwork 'managedVirtualNetworks' = {
    name: 'default'
    properties: {}

    resource managedPrivateEndpoint 'managedPrivateEndpoints' = {
      name: 'lake'
      properties: {
        groupId: 'dfs'
        privateLinkResourceId: storageAccount.id
      }
    }
  }

  resource integrationRuntime 'integrationRuntimes' = {
    name: 'AutoResolveIntegrationRuntime'
    properties: {
      type: 'Managed'
      managedVirtualNetwork: {
        referenceName: 'default'
        type: 'ManagedVirtualNetworkReference'
      }
      typeProperties: {
        computeProperties: {
          location: 'AutoResolve'
        }
      }
    }
    dependsOn: [
      managedNetwork
    ]
  }
}

resource roleAssignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: storageAccount
  name: guid(storageAccount.id, factory.id, roleId)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleId)
    principalId: factory.identity.principalId
    principalType: 'ServicePrincipal'
  }
}

#disable-next-line use-recent-api-versions // The newest stable version has no category groups.
resource diagnosticSetting 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: factory
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logAnalyticsDestinationType: 'Dedicated'
    logs: categories(['ActivityRuns', 'PipelineRuns', 'TriggerRuns'])
  }
}

@description('Resource id of the data factory.')
output resourceId string = factory.id
