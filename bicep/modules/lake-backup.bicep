// The lake of an environment is backed up by its vault: all containers that there are from the beginning.

import { Site } from '../types.bicep'

@description('The environment.')
param site Site

@description('Name of the vault.')
param vaultName string

@description('Storage account of the lake.')
param storageAccountName string

@description('Containers that are backed up; one that is made later is not, until it is named here.')
param containerNames string[]

@description('What is backed up, in the words of the vault.')
var datasourceType = 'Microsoft.Storage/storageAccounts/adlsBlobServices'

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: storageAccountName
}

resource vault 'Microsoft.DataProtection/backupVaults@2025-07-01' existing = {
  name: vaultName

  resource daily 'backupPolicies' existing = {
    name: 'lake-daily'
  }
}

resource lake 'Microsoft.DataProtection/backupVaults/backupInstances@2025-07-01' = {
  parent: vault
  name: storageAccountName
  tags: site.tags
  properties: {
    objectType: 'BackupInstance'
    friendlyName: storageAccountName
    dataSourceInfo: {
      objectType: 'Datasource'
      datasourceType: datasourceType
      resourceID: account.id
      resourceLocation: site.location
      resourceName: storageAccountName
      resourceType: 'Microsoft.Storage/storageAccounts'
      resourceUri: account.id
    }
    dataSourceSetInfo: {
      objectType: 'DatasourceSet'
      datasourceType: datasourceType
      resourceID: account.id
      resourceLocation: site.location
      resourceName: storageAccountName
      resourceType: 'Microsoft.Storage/storageAccounts'
      resourceUri: account.id
    }
    policyInfo: {
      policyId: vault::daily.id
      policyParameters: {
        backupDatasourceParametersList: [
          {
            objectType: 'AdlsBlobBackupDatasourceParameters'
            containersList: containerNames
          }
        ]
      }
    }
  }
}
