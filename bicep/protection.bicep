metadata name = 'Stage 11: protection'
metadata description = 'Backups of the data lakes, in vaults that the identities writing to a lake cannot access.'

targetScope = 'subscription'

import { ProtectedEnvironment } from 'types/protection.bicep'

@description('Whether data lakes are backed up.')
param storageBackup bool

@description('Resource id of the Log Analytics workspace.')
param workspaceId string

@description('Region of the workspace.')
param workspaceLocation string

@description('Resource id of the action group; omitted without alert recipients.')
param actionGroupId string?

@description('Containers to back up.')
param containerNames string[]

@description('Backup retention, in days.')
param keptDays int

@description('The environments.')
param environments ProtectedEnvironment[]

module vaults 'modules/backup-vault.bicep' = [
  for environment in environments: if (storageBackup) {
    scope: resourceGroup(environment.site.subscriptionId, environment.site.resourceGroupName)
    params: {
      site: environment.site
      name: environment.vaultName
      redundancy: environment.redundancy
      storageAccountName: environment.storageAccountName
      keptDays: keptDays
      workspaceId: workspaceId
    }
  }
]

module alerts 'modules/backup-alerts.bicep' = [
  for (environment, i) in environments: if (storageBackup && actionGroupId != null) {
    scope: resourceGroup(environment.site.subscriptionId, environment.site.resourceGroupName)
    params: {
      site: environment.site
      vaultName: environment.vaultName
      alertPrefix: environment.alertPrefix
      workspaceId: workspaceId
      workspaceLocation: workspaceLocation
      actionGroupId: actionGroupId!
    }
    dependsOn: [
      vaults[i]
    ]
  }
]

// A role assignment can take half an hour to become effective: if this fails for lack of access, the stage is run again.
module lakes 'modules/lake-backup.bicep' = [
  for (environment, i) in environments: if (storageBackup) {
    scope: resourceGroup(environment.site.subscriptionId, environment.site.resourceGroupName)
    params: {
      site: environment.site
      vaultName: environment.vaultName
      storageAccountName: environment.storageAccountName
      containerNames: containerNames
    }
    dependsOn: [
      vaults[i]
    ]
  }
]
