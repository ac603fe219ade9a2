// Stage 3, grants: role assignments that must be in force before the things that need them are created. The rights on
// storage come with the storage accounts, in stage 4.

targetScope = 'subscription'

import { GrantsEnvironment } from 'types.bicep'

@description('Resource group of what all environments share.')
param platformGroupName string

@description('Name of the container registry.')
param registryName string

@description('The environments and their rights.')
param environments GrantsEnvironment[]

resource platformGroup 'Microsoft.Resources/resourceGroups@2025-04-01' existing = {
  name: platformGroupName
}

resource environmentGroups 'Microsoft.Resources/resourceGroups@2025-04-01' existing = [
  for environment in environments: {
    name: environment.resourceGroupName
  }
]

module registryReaders 'modules/registry-readers.bicep' = [
  for environment in environments: {
    scope: platformGroup
    params: {
      registryName: registryName
      principalIds: environment.imagePullers
    }
  }
]

module vaultReaders 'modules/vault-readers.bicep' = [
  for (environment, i) in environments: {
    scope: environmentGroups[i]
    params: {
      vaultName: environment.keyVaultName
      principalIds: environment.vaultReaders
    }
  }
]

module clusterGrants 'modules/cluster-grants.bicep' = [
  for (environment, i) in environments: if (environment.?cluster != null) {
    scope: environmentGroups[i]
    params: {
      cluster: environment.cluster!
    }
  }
]
