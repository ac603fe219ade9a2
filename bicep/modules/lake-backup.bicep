metadata name = 'Lake backup'
metadata description = 'The backup instance of a data lake.'

import { Site } from '../types.bicep'

@description('The environment.')
param site Site

@description('Name of the vault.')
param vaultName string

@description('Name of the storage account of the lake.')
param storageAccountName string

@description('Containers to back up; containers created later must be added here.')
param containerNames string[]

@description('Data source type of the backup.')
var datasourceType = 'Microsoft.Storage/storageAccounts/adlsBlobServices'

resource storageAccount 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: storageAccountName
}

resource vault 'Microsoft.DataProtection/backupVaults@2025-07-01' existing = {
  name: vaultName

  resource backupPolicy 'backupPolicies' existing = {
    name: 'lake-daily'
  }
}

resource backupInstance 'Microsoft.DataProtection/backupVaults/backupInstances@2025-07-01' = {
  parent: vault
  name: storageAccountName
  tags: site.tags
  properties: {
    objectType: 'BackupInstance'
    friendlyName: storageAccountName
    dataSourceInfo: {
      objectType: 'Datasource'
      datasourceType: datasourceType
      resourceID: storageAccount.id
      resourceLocation: site.location
      resourceName: storageAccountName
      resourceType: 'Microsoft.Storage/storageAccounts'
      resourceUri: storageAccount.id
    }
    dataSourceSetInfo: {
      objectType: 'DatasourceSet'
      datasourceType: datasourceType
      resourceID: storageAccount.id
      resourceLocation: site.location
      resourceName: storageAccountName
      resourceType: 'Microsoft.Storage/storageAccounts'
      resourceUri: storageAccount.id
    }
    policyInfo: {
      policyId: vault::backupPolicy.id
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

@description('Resource id of the backup instance.')
output resourceId string = backupInstance.id
