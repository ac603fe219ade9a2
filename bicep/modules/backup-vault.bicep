metadata name = 'Backup vault'
metadata description = 'A backup vault with the backup policy of a data lake and the role assignment it needs.'

import { Site } from '../types.bicep'
import { categories } from '../types/interfaces.bicep'
import { BackupRedundancy } from '../types/protection.bicep'

@description('The environment.')
param site Site

@description('Name of the vault.')
@minLength(2)
@maxLength(50)
param name string

@description('Storage redundancy of backups.')
param redundancy BackupRedundancy

@description('Name of the storage account of the lake.')
param storageAccountName string

@description('Backup retention, in days.')
@minValue(1)
param keptDays int

@description('Resource id of the Log Analytics workspace.')
param workspaceId string

@description('Built-in role Storage Account Backup Contributor.')
var roleId = 'e5e2a7ff-d759-4cd2-bb51-3152d37e2eb1'

@description('Data store of the backups.')
var store = {
  objectType: 'DataStoreInfoBase'
  dataStoreType: 'VaultStore'
}

resource storageAccount 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: storageAccountName
}

// Azure Backup does not support user-assigned identities for data lakes.
resource vault 'Microsoft.DataProtection/backupVaults@2025-07-01' = {
  name: name
  location: site.location
  tags: site.tags
  identity: {
    type: 'SystemAssigned'
  }
  properties: {
    storageSettings: [
      {
        datastoreType: 'VaultStore'
        type: redundancy
      }
    ]
    securitySettings: {
      softDeleteSettings: {
        state: 'On'
        retentionDurationInDays: 14
      }
    }
    monitoringSettings: {
      azureMonitorAlertSettings: {
        alertsForAllJobFailures: 'Enabled'
      }
    }
  }

  resource backupPolicy 'backupPolicies' = {
    name: 'lake-daily'
    properties: {
      objectType: 'BackupPolicy'
      datasourceTypes: ['Microsoft.Storage/storageAccounts/adlsBlobServices']
      policyRules: [
        {
          objectType: 'AzureBackupRule'
          name: 'BackupDaily'
          backupParameters: {
            objectType: 'AzureBackupParams'
            backupType: 'Discrete'
          }
          dataStore: store
          trigger: {
            objectType: 'ScheduleBasedTriggerContext'
            schedule: {
              repeatingTimeIntervals: ['R/2026-01-01T02:00:00+00:00/P1D']
              timeZone: 'UTC'
            }
            taggingCriteria: [
              {
                isDefault: true
                taggingPriority: 99
                tagInfo: {
                  tagName: 'Default'
                }
              }
            ]
          }
        }
        {
          objectType: 'AzureRetentionRule'
          name: 'Default'
          isDefault: true
          lifecycles: [
            {
              deleteAfter: {
                objectType: 'AbsoluteDeleteOption'
                duration: 'P${keptDays}D'
              }
              sourceDataStore: store
              targetDataStoreCopySettings: []
            }
          ]
        }
      ]
    }
  }
}

resource roleAssignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: storageAccount
  name: guid(storageAccount.id, vault.id, roleId)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleId)
    principalId: vault.identity.principalId
    principalType: 'ServicePrincipal'
  }
}

#disable-next-line use-recent-api-versions // The newest stable version has no category groups.
resource diagnosticSetting 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: vault
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logAnalyticsDestinationType: 'Dedicated'
    logs: categories([
      'CoreAzureBackup'
      'AddonAzureBackupJobs'
      'AddonAzureBackupPolicy'
      'AddonAzureBackupProtectedInstance'
    ])
  }
}

@description('Resource id of the backup vault.')
output resourceId string = vault.id
