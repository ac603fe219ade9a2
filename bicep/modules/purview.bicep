// A Purview account, which catalogues the data of all environments.

import { Tags } from '../types.bicep'

@description('Region of the account.')
param location string

@description('Tags of the account.')
param tags Tags

@description('Name of the account.')
param name string

@description('Resource group that it makes for itself.')
param managedGroupName string

@description('Whether it is reached from public addresses, by those who may.')
param publicAccess bool

resource account 'Microsoft.Purview/accounts@2021-12-01' = {
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

@description('Object id of its identity.')
output principalId string = account.identity.principalId
