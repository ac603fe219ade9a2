// Stage 10, protection: copies of the lakes, in vaults that nobody who writes to a lake can reach.

targetScope = 'subscription'

import { ProtectedEnvironment } from 'types/protection.bicep'

@description('Whether lakes are backed up.')
param storageBackup bool

@description('Containers that are backed up.')
param containerNames string[]

@description('Days that a backup is kept.')
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
    }
  }
]

// A role may take half an hour to have effect: if this fails for want of it, the stage is run again.
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
