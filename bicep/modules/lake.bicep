// Child resources are deployed one after another: the account accepts one change at a time.

metadata name = 'Data lake'
metadata description = 'A storage account with hierarchical namespace, its containers, lifecycle rules and role assignments.'

import { withKept } from '../types.bicep'
import { DataEnvironment, StorageRedundancy } from '../types/data.bicep'
import { deleteLock } from '../types/interfaces.bicep'

@description('The environment.')
param environment DataEnvironment

@description('Storage redundancy.')
param redundancy StorageRedundancy

@description('Containers of the account.')
@minLength(1)
param containerNames string[]

@description('Days that deleted blobs are retained (soft delete).')
@minValue(7)
@maxValue(90)
param softDeleteDays int

@description('Days since the last modification after which files in landing and bronze move to the cool tier; 0 for never.')
@minValue(0)
@maxValue(3650)
param coolAfterDays int

@description('Days after which files in landing are deleted; 0 for never.')
@minValue(0)
@maxValue(3650)
param landingDays int

@description('Name of the event queue; null for no queue.')
param queueName string?

@description('Whether public network access is allowed.')
param publicAccess bool

@description('Public access that others have switched off: JSON text; null for none.')
param keptAccess string?

@description('Access rules of others: JSON text; null for none.')
param keptRules string?

@description('Tags of others: JSON text; null for none.')
param keptTags string?

@description('Lifecycle rules of others: JSON text; null for none.')
param keptLifecycle string?

@description('Properties of the blob service that others have set: JSON text; null for none.')
param keptService string?

@description('Name of the lock on storage account and key vault; null for no lock.')
param lockName string?

@description('Built-in role Storage Blob Data Contributor.')
var roleId = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'

@description('Built-in role Monitoring Metrics Publisher.')
var publisherRoleId = '3913510d-42f4-4e42-8a64-420c390055eb'

@description('Encryption with a customer-managed key. Azure sets the rest of it at creation only, so it is one answer.')
var encryption = environment.?customerKey == null
  ? {}
  : {
      encryption: {
        keySource: 'Microsoft.Keyvault'
        requireInfrastructureEncryption: true
        identity: {
          userAssignedIdentity: environment.customerKey!.identityId
        }
        keyvaultproperties: {
          keyvaulturi: environment.customerKey!.vaultUri
          keyname: environment.customerKey!.keyName
        }
        services: {
          blob: { enabled: true, keyType: 'Account' }
          file: { enabled: true, keyType: 'Account' }
          queue: { enabled: true, keyType: 'Account' }
          table: { enabled: true, keyType: 'Account' }
        }
      }
    }

@description('Lifecycle rules; a rule that is not used is disabled, because a rule left out would stay as it was.')
var lifecycleRules = [
  {
    name: 'cool'
    enabled: coolAfterDays != 0
    type: 'Lifecycle'
    definition: {
      actions: {
        baseBlob: {
          tierToCool: {
            daysAfterModificationGreaterThan: max(coolAfterDays, 1)
          }
        }
      }
      filters: {
        blobTypes: ['blockBlob']
        prefixMatch: ['landing/', 'bronze/']
      }
    }
  }
  {
    name: 'landing'
    enabled: landingDays != 0
    type: 'Lifecycle'
    definition: {
      actions: {
        baseBlob: {
          delete: {
            daysAfterModificationGreaterThan: max(landingDays, 1)
          }
        }
      }
      filters: {
        blobTypes: ['blockBlob']
        prefixMatch: ['landing/']
      }
    }
  }
]

resource storageAccount 'Microsoft.Storage/storageAccounts@2025-06-01' = {
  name: environment.storageAccountName
  location: environment.site.location
  tags: withKept(environment.site.tags, keptTags)
  kind: 'StorageV2'
  sku: {
    name: redundancy
  }
  identity: environment.?customerKey == null
    ? null
    : {
        type: 'UserAssigned'
        userAssignedIdentities: {
          '${environment.customerKey!.identityId}': {}
        }
      }
  properties: {
    accessTier: 'Hot'
    isHnsEnabled: true
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    // Only accounts of this tenant may be the source of a copy into the lake.
    allowedCopyScope: 'AAD'
    isLocalUserEnabled: false
    isNfsV3Enabled: false
    isSftpEnabled: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    sasPolicy: {
      expirationAction: 'Block'
      sasExpirationPeriod: '1.00:00:00'
    }
    ...encryption
    publicNetworkAccess: publicAccess ? 'Enabled' : 'Disabled'
    ...json(keptAccess ?? '{}')
    networkAcls: {
      bypass: 'AzureServices'
      defaultAction: publicAccess ? 'Allow' : 'Deny'
      ...json(keptRules ?? '{}')
    }
  }

  resource blobService 'blobServices' = {
    name: 'default'
    properties: {
      ...json(keptService ?? '{}')
      deleteRetentionPolicy: {
        enabled: true
        allowPermanentDelete: false
        days: softDeleteDays
      }
      containerDeleteRetentionPolicy: {
        enabled: true
        days: softDeleteDays
      }
    }

    resource containers 'containers' = [
      for containerName in containerNames: {
        name: containerName
        properties: {
          publicAccess: 'None'
        }
      }
    ]
  }

  resource queueService 'queueServices' = if (queueName != null) {
    name: 'default'
    dependsOn: [
      blobService
    ]

    resource queue 'queues' = {
      name: queueName!
    }
  }
}

resource managementPolicy 'Microsoft.Storage/storageAccounts/managementPolicies@2025-06-01' = {
  parent: storageAccount
  name: 'default'
  properties: {
    policy: {
      rules: concat(lifecycleRules, json(keptLifecycle ?? '[]'))
    }
  }
  dependsOn: [
    storageAccount::blobService
    storageAccount::queueService
  ]
}

resource roleAssignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for principalId in environment.blobContributors: {
    scope: storageAccount
    name: guid(storageAccount.id, principalId, roleId)
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleId)
      principalId: principalId
      principalType: 'ServicePrincipal'
    }
  }
]

// Custom metrics are about a resource: learn.microsoft.com, azure-monitor/metrics/metrics-store-custom-rest-api.
resource publisherAssignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for principalId in environment.metricPublishers: {
    scope: storageAccount
    name: guid(storageAccount.id, principalId, publisherRoleId)
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', publisherRoleId)
      principalId: principalId
      principalType: 'ServicePrincipal'
    }
  }
]

resource accountLock 'Microsoft.Authorization/locks@2020-05-01' = if (lockName != null) {
  scope: storageAccount
  name: lockName!
  properties: deleteLock('the data is')
  dependsOn: [
    managementPolicy
  ]
}

resource vault 'Microsoft.KeyVault/vaults@2026-02-01' existing = {
  name: environment.keyVaultName
}

resource vaultLock 'Microsoft.Authorization/locks@2020-05-01' = if (lockName != null) {
  scope: vault
  name: lockName!
  properties: deleteLock('the secrets are')
}

@description('Resource id of the storage account.')
output resourceId string = storageAccount.id
