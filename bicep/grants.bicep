// Roles on resources of later stages, such as storage accounts, are assigned together with those resources.

metadata name = 'Stage 3: grants'
metadata description = 'Role assignments that must be effective before the resources that need them are created.'

targetScope = 'subscription'

import { Certificate, GrantsEnvironment } from 'types/grants.bicep'

@description('Resource group of the shared resources.')
param platformGroupName string

@description('Name of the container registry.')
param registryName string

@description('Certificate of the ingress; omitted where it needs none.')
param certificate Certificate?

@description('The environments and their role assignments.')
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

// The stage secrets has written the secrets: a role assignment at one that does not exist is refused.
module secretReaders 'modules/secret-readers.bicep' = [
  for environment in environments: {
    scope: resourceGroup(environment.site.subscriptionId, environment.site.resourceGroupName)
    params: {
      vaultName: environment.keyVaultName
      readers: environment.secretReaders
    }
  }
]

module certificateReaders 'modules/secret-readers.bicep' = [
  for environment in environments: if (environment.?certificateReader != null) {
    scope: resourceGroup(certificate!.resourceGroupName)
    params: {
      vaultName: certificate!.vaultName
      readers: [
        {
          secretName: certificate!.name
          principalId: environment.certificateReader!
        }
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

// A zone that AKS does not create itself: learn.microsoft.com, aks/private-clusters ("Hub and spoke with custom DNS").
module zoneContributors 'modules/zone-contributor.bicep' = [
  for environment in environments: if (environment.?cluster.?zone != null) {
    scope: resourceGroup(environment.cluster!.zone!.subscriptionId, environment.cluster!.zone!.resourceGroupName)
    params: {
      zoneName: environment.cluster!.zone!.name
      principalId: environment.cluster!.principalId
    }
  }
]

// AKS links a zone to the network; with custom DNS servers, which existing networks may have, the identity needs the role for
// a zone that AKS creates, too: same source, and github.com/Azure/AKS/issues/4841.
module networkContributors 'modules/network-contributor.bicep' = [
  for environment in environments: if (environment.?cluster.?linksNetwork ?? false) {
    scope: resourceGroup(
      environment.cluster!.subnet!.subscriptionId,
      environment.cluster!.subnet!.resourceGroupName
    )
    params: {
      networkName: environment.cluster!.subnet!.networkName
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
