metadata name = 'Synapse workspace'
metadata description = 'A Synapse workspace on the lake, with a managed network and data exfiltration protection.'

import { Tags } from '../types.bicep'
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
    azureADOnlyAuthentication: true
    defaultDataLakeStorage: {
      accountUrl: lakeUrl
      filesystem: containerName
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

@description('Resource id of the Synapse workspace.')
output resourceId string = workspace.id
