metadata name = 'Disk encryption set'
metadata description = 'The disk encryption set of an AKS cluster, and the right of the cluster to read it.'

import { CustomerKey, Site } from '../types.bicep'
import { DiskEncryption } from '../types/data.bicep'

@description('The environment.')
param site Site

@description('The disk encryption set.')
param diskEncryption DiskEncryption

@description('Name of the key vault.')
param vaultName string

@description('Customer-managed key.')
param customerKey CustomerKey

@description('Built-in role Reader.')
var roleId = 'acdd72a7-3385-48ef-bd42-f606fba81ae7'

resource key 'Microsoft.KeyVault/vaults/keys@2026-02-01' existing = {
  name: '${vaultName}/${customerKey.keyName}'
}

resource diskEncryptionSet 'Microsoft.Compute/diskEncryptionSets@2026-03-02' = {
  name: diskEncryption.name
  location: site.location
  tags: site.tags
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${customerKey.identityId}': {}
    }
  }
  properties: {
    encryptionType: 'EncryptionAtRestWithCustomerKey'
    // A version is required here, also with automatic rotation.
    activeKey: {
      keyUrl: key.properties.keyUriWithVersion
    }
    rotationToLatestKeyVersionEnabled: true
  }
}

resource roleAssignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: diskEncryptionSet
  name: guid(diskEncryptionSet.id, diskEncryption.clusterPrincipalId, roleId)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleId)
    principalId: diskEncryption.clusterPrincipalId
    principalType: 'ServicePrincipal'
  }
}

@description('Resource id of the disk encryption set.')
output resourceId string = diskEncryptionSet.id
