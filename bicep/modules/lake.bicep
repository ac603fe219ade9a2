// A data lake: storage with hierarchical namespace, its containers, what becomes of old files, and who may use it. No
// keys, no anonymous access. What hangs on the account follows one after another, for it takes one change at a time.

import { DataEnvironment } from '../types/data.bicep'

@description('The environment.')
param environment DataEnvironment

@description('Where the copies of the data are kept.')
param redundancy string

@description('Containers of the account.')
param containerNames string[]

@description('Days in which what was deleted can be brought back.')
param softDeleteDays int

@description('Days without a change after which files of landing and bronze move to the cheaper tier; 0: never.')
param coolAfterDays int

@description('Days after which files in landing are deleted; 0: never.')
param landingDays int

@description('Name of the queue of events, if there is one.')
param queueName string?

@description('Whether it is reached from public addresses, by those who may.')
param publicAccess bool

@description('Name of the lock on account and key vault, if they are locked.')
param lockName string?

@description('Built-in role Storage Blob Data Contributor.')
var roleId = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'

@description('What becomes of old files.')
var rules = [
  ...(coolAfterDays == 0
    ? []
    : [
        {
          name: 'cool'
          enabled: true
          type: 'Lifecycle'
          definition: {
            actions: {
              baseBlob: {
                tierToCool: {
                  daysAfterModificationGreaterThan: coolAfterDays
                }
              }
            }
            filters: {
              blobTypes: ['blockBlob']
              prefixMatch: ['landing/', 'bronze/']
            }
          }
        }
      ])
  ...(landingDays == 0
    ? []
    : [
        {
          name: 'landing'
          enabled: true
          type: 'Lifecycle'
          definition: {
            actions: {
              baseBlob: {
                delete: {
                  daysAfterModificationGreaterThan: landingDays
                }
              }
            }
            filters: {
              blobTypes: ['blockBlob']
              prefixMatch: ['landing/']
            }
          }
        }
      ])
]

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' = {
  name: environment.storageAccountName
  location: environment.site.location
  tags: environment.site.tags
  kind: 'StorageV2'
  sku: {
    name: redundancy
  }
  properties: {
    accessTier: 'Hot'
    isHnsEnabled: true
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    isLocalUserEnabled: false
    isSftpEnabled: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    sasPolicy: {
      expirationAction: 'Block'
      sasExpirationPeriod: '1.00:00:00'
    }
    publicNetworkAccess: publicAccess ? 'Enabled' : 'Disabled'
    networkAcls: {
      bypass: 'AzureServices'
      defaultAction: publicAccess ? 'Allow' : 'Deny'
    }
  }

  resource blobs 'blobServices' = {
    name: 'default'
    properties: {
      deleteRetentionPolicy: {
        enabled: true
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

  resource queues 'queueServices' = if (queueName != null) {
    name: 'default'
    dependsOn: [
      blobs
    ]

    resource events 'queues' = {
      name: queueName!
    }
  }
}

resource lifecycle 'Microsoft.Storage/storageAccounts/managementPolicies@2025-06-01' = if (!empty(rules)) {
  parent: account
  name: 'default'
  properties: {
    policy: {
      rules: rules
    }
  }
  dependsOn: [
    account::blobs
    account::queues
  ]
}

resource assignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for principalId in environment.blobContributors: {
    scope: account
    name: guid(account.id, principalId, roleId)
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleId)
      principalId: principalId
      principalType: 'ServicePrincipal'
    }
  }
]

resource accountLock 'Microsoft.Authorization/locks@2020-05-01' = if (lockName != null) {
  scope: account
  name: lockName!
  properties: {
    level: 'CanNotDelete'
    notes: 'Set by the FlowForge Installer. Take it off before the data is to be deleted.'
  }
  dependsOn: [
    lifecycle
  ]
}

resource vault 'Microsoft.KeyVault/vaults@2026-02-01' existing = {
  name: environment.keyVaultName
}

resource vaultLock 'Microsoft.Authorization/locks@2020-05-01' = if (lockName != null) {
  scope: vault
  name: lockName!
  properties: {
    level: 'CanNotDelete'
    notes: 'Set by the FlowForge Installer. Take it off before the secrets are to be deleted.'
  }
}
