metadata name = 'Purview account'
metadata description = 'A Purview account that catalogs the data of all environments.'

import { Tags } from '../types.bicep'
import { categories } from '../types/interfaces.bicep'

@description('Region of the account.')
param location string

@description('Tags of the account.')
param tags Tags

@description('Name of the account.')
@minLength(3)
@maxLength(63)
param name string

@description('Managed resource group of the service.')
param managedGroupName string

@description('Whether public network access is allowed.')
param publicAccess bool

@description('Resource id of the Log Analytics workspace.')
param workspaceId string

resource purviewAccount 'Microsoft.Purview/accounts@2021-12-01' = {
  name: name
  location: location
  tags: tags
  identity: {
    type: 'SystemAssigned'
  }
  properties: {
    managedResourceGroupName: managedGroupName
    managedEventHubState: 'Disabled'
    managedResourcesPublicNetworkAccess: 'Disabled'
    publicNetworkAccess: publicAccess ? 'Enabled' : 'Disabled'
  }
}

#disable-next-line use-recent-api-versions // The newest stable version has no category groups.
resource diagnosticSetting 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: purviewAccount
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logs: categories(['DataSensitivityLogEvent', 'ScanStatusLogEvent', 'Security'])
  }
}

@description('Object id of the managed identity.')
output principalId string = purviewAccount.identity.principalId

@description('Resource id of the account.')
output resourceId string = purviewAccount.id
