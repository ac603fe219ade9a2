// The data of one environment: its storage account, and the private ways to it and to the key vault.

import { DataEnvironment } from '../types.bicep'

@description('Region of every resource.')
param location string

@description('The environment.')
param environment DataEnvironment

@description('Containers of the storage account.')
param containerNames string[]

@description('Where the copies of the data are kept.')
param redundancy string

@description('Resource group of the private DNS zones.')
param zoneGroupName string

@description('Subnet of the private endpoints.')
var subnetId = resourceId('Microsoft.Network/virtualNetworks/subnets', environment.networkName, environment.subnetName)

module storage 'storage.bicep' = {
  params: {
    location: location
    tags: environment.tags
    name: environment.storageAccountName
    redundancy: redundancy
    containerNames: containerNames
    blobContributors: environment.blobContributors
  }
}

module storageEndpoints 'private-endpoint.bicep' = [
  for endpoint in environment.storageEndpoints: {
    params: {
      location: location
      tags: environment.tags
      endpoint: endpoint
      targetId: resourceId('Microsoft.Storage/storageAccounts', environment.storageAccountName)
      subnetId: subnetId
      zoneGroupName: zoneGroupName
    }
    dependsOn: [
      storage
    ]
  }
]

module vaultEndpoint 'private-endpoint.bicep' = {
  params: {
    location: location
    tags: environment.tags
    endpoint: environment.keyVaultEndpoint
    targetId: resourceId('Microsoft.KeyVault/vaults', environment.keyVaultName)
    subnetId: subnetId
    zoneGroupName: zoneGroupName
  }
}
