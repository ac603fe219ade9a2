// Stage 3, grants: role assignments that must be in force before the things that need them are created. Rights on what is
// only made later, such as storage, come with it.

targetScope = 'subscription'

import { Certificate, GrantsEnvironment } from 'types/grants.bicep'

@description('Resource group of what all environments share.')
param platformGroupName string

@description('Name of the container registry.')
param registryName string

@description('Certificate that the ingress reads; absent where it needs none.')
param certificate Certificate?

@description('The environments and their rights.')
param environments GrantsEnvironment[]

resource platformGroup 'Microsoft.Resources/resourceGroups@2025-04-01' existing = {
  name: platformGroupName
}

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
  for environment in environments: {
    scope: resourceGroup(environment.site.subscriptionId, environment.site.resourceGroupName)
    params: {
      vaultName: environment.keyVaultName
      principalIds: environment.vaultReaders
    }
  }
]

module certificateReaders 'modules/certificate-readers.bicep' = [
  for environment in environments: if (environment.?certificateReader != null) {
    scope: resourceGroup(certificate!.resourceGroupName)
    params: {
      vaultName: certificate!.vaultName
      certificateName: certificate!.name
      principalIds: [
        environment.certificateReader!
      ]
    }
  }
]

module subnetJoiners 'modules/subnet-joiner.bicep' = [
  for environment in environments: if (environment.?cluster.?subnet != null) {
    scope: resourceGroup(
      environment.cluster!.subnet!.subscriptionId,
      environment.cluster!.subnet!.resourceGroupName
    )
    params: {
      networkName: environment.cluster!.subnet!.networkName
      subnetName: environment.cluster!.subnet!.name
      principalId: environment.cluster!.principalId
    }
  }
]

module kubeletOperators 'modules/identity-operator.bicep' = [
  for environment in environments: if (environment.?cluster != null) {
    scope: resourceGroup(environment.site.subscriptionId, environment.site.resourceGroupName)
    params: {
      identityName: environment.cluster!.kubeletIdentityName
      principalId: environment.cluster!.principalId
    }
  }
]
