metadata name = 'Synapse workspace'
metadata description = 'A Synapse workspace on the lake, with a managed network and data exfiltration protection.'

import { Tags } from '../types.bicep'
import { categories } from '../types/interfaces.bicep'
import { Administrators } from '../types/integrations.bicep'

@description('Region of the workspace.')
param location string

@description('Tags of the workspace.')
param tags Tags

@description('Name of the workspace.')
@minLength(1)
@maxLength(50)
param name string

@description('Managed resource group of the service.')
param managedGroupName string

@description('Name of the storage account of the lake.')
param storageAccountName string

@description('DFS URL of the lake.')
param lakeUrl string

@description('Default container of the workspace.')
param containerName string

@description('Entra administrators of the workspace.')
param administrators Administrators

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

resource workspace 'Microsoft.Synapse/workspaces@2021-06-01' = {
  name: name
  location: location
  tags: tags
  identity: {
    type: 'SystemAssigned'
  }
  properties: {
    ...json(keptProperties ?? '{}')
    azureADOnlyAuthentication: true
    defaultDataLakeStorage: {
      accountUrl: lakeUrl
      filesystem: containerName
      // Pipelines and Spark reach the lake through the managed network; the owner of the lake has to approve the connection.
      createManagedPrivateEndpoint: !publicAccess
      resourceId: storageAccount.id
    }
    managedResourceGroupName: managedGroupName
    managedVirtualNetwork: 'default'
    managedVirtualNetworkSettings: {
      preventDataExfiltration: true
    }
    trustedServiceBypassEnabled: false
    publicNetworkAccess: publicAccess ? 'Enabled' : 'Disabled'
  }

  resource entraAdministrator 'administrators' = {
    name: 'activeDirectory'
    properties: {
      administratorType: 'ActiveDirectory'
      login: administrators.name
      sid: administrators.objectId
      tenantId: tenant().tenantId
    }
  }
}

resource roleAssignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: storageAccount
  name: guid(storageAccount.id, workspace.id, roleId)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleId)
    principalId: workspace.identity.principalId
    principalType: 'ServicePrincipal'
  }
}

#disable-next-line use-recent-api-versions // The newest stable version has no category groups.
resource diagnosticSetting 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: workspace
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logs: categories([
      'BuiltinSqlReqsEnded'
      'GatewayApiRequests'
      'IntegrationActivityRuns'
      'IntegrationPipelineRuns'
      'IntegrationTriggerRuns'
      'SQLSecurityAuditEvents'
      'SynapseRbacOperations'
    ])
  }
}

@description('Resource id of the Synapse workspace.')
output resourceId string = workspace.id
