metadata name = 'Stage 4: data'
metadata description = 'A data lake for each environment, the PostgreSQL servers and their private endpoints.'

targetScope = 'subscription'

import { Endpoint, KeptByOthers, Locks } from 'types.bicep'
import { DatabaseServer, DataEnvironment, Day, LockedGroup } from 'types/data.bicep'

@description('The environments.')
param environments DataEnvironment[]

@description('Settings of others, which a redeployment must not remove.')
param kept KeptByOthers?

@description('Containers of every data lake.')
param containerNames string[]

@description('Storage redundancy.')
param storageRedundancy 'Standard_LRS' | 'Standard_ZRS' | 'Standard_GZRS'

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

@description('Name of the event queue in every storage account; omitted for no queue.')
param queueName string?

@description('Whether data services allow public network access.')
param publicAccess bool

@description('The PostgreSQL servers.')
param servers DatabaseServer[]

@description('Major version of PostgreSQL.')
param postgresVersion '16' | '17' | '18'

@description('Compute size (SKU) of the shared PostgreSQL server.')
param postgresSize string

@description('Initial PostgreSQL storage, in GiB.')
param postgresStorageGb 32 | 64 | 128 | 256 | 512 | 1024 | 2048 | 4096

@description('Current storage of the shared server, in GiB; storage cannot shrink.')
param currentSharedStorageGb int?

@description('Current storage of the production server, in GiB; storage cannot shrink.')
param currentProdStorageGb int?

@description('Whether PostgreSQL storage grows automatically.')
param postgresAutoGrow bool

@description('Days that database backups are retained.')
@minValue(7)
@maxValue(35)
param postgresBackupDays int

@description('Whether PostgreSQL backups are geo-redundant; cannot be changed after creation.')
param postgresGeoBackup bool

@description('Whether PostgreSQL has a zone-redundant standby.')
param postgresHighAvailability bool

@description('Maintenance day of the servers; the window starts at 02:00 UTC.')
param maintenanceDay Day

@description('Private endpoints of data lakes, key vaults and PostgreSQL servers, and of the private registry.')
param endpoints Endpoint[]

@description('Scope of the delete locks.')
param locks Locks

@description('Name of the locks.')
param lockName string

@description('Resource groups that are locked as a whole, after their servers: a lock keeps new servers out of a virtual network.')
param lockedGroups LockedGroup[]

@description('Current storage of the shared and the production server, in GiB.')
var currentStorageGb = [currentSharedStorageGb ?? 0, currentProdStorageGb ?? 0]

module lakes 'modules/lake.bicep' = [
  for environment in environments: {
    scope: resourceGroup(environment.site.subscriptionId, environment.site.resourceGroupName)
    params: {
      environment: environment
      redundancy: environment.?storageRedundancy ?? storageRedundancy
      containerNames: containerNames
      softDeleteDays: softDeleteDays
      coolAfterDays: coolAfterDays
      landingDays: landingDays
      queueName: queueName
      publicAccess: publicAccess
      keptRules: kept[?'storageAccounts/${environment.storageAccountName}']
      keptAccess: kept[?'storageAccounts/${environment.storageAccountName}/access']
      keptLifecycle: kept[?'managementPolicies/${environment.storageAccountName}']
      keptService: kept[?'blobServices/${environment.storageAccountName}']
      keptTags: kept[?'tags/storageAccounts/${environment.storageAccountName}']
      lockName: locks == 'data' ? lockName : null
    }
  }
]

module diskEncryptionSets 'modules/disk-encryption-set.bicep' = [
  for environment in environments: if (environment.?diskEncryption != null) {
    scope: resourceGroup(environment.site.subscriptionId, environment.site.resourceGroupName)
    params: {
      site: environment.site
      diskEncryption: environment.diskEncryption!
      vaultName: environment.keyVaultName
      customerKey: environment.customerKey!
    }
  }
]

module postgres 'modules/postgres.bicep' = [
  for (server, i) in servers: {
    scope: resourceGroup(server.subscriptionId, server.resourceGroupName)
    params: {
      server: server
      size: server.?size ?? postgresSize
      version: postgresVersion
      storageGb: max(postgresStorageGb, currentStorageGb[i])
      autoGrow: postgresAutoGrow
      backupDays: postgresBackupDays
      geoBackup: postgresGeoBackup
      highAvailability: postgresHighAvailability
      maintenanceDay: maintenanceDay
      administrators: server.administrators
      publicAccess: publicAccess
      lockName: locks == 'data' ? lockName : null
      keptAccess: kept[?'flexibleServers/${server.name}/access']
      keptExtensions: kept[?'configurations/${server.name}']
      keptTags: kept[?'tags/flexibleServers/${server.name}']
    }
  }
]

module privateEndpoints 'modules/endpoint.bicep' = [
  for endpoint in endpoints: {
    scope: resourceGroup(endpoint.subscriptionId, endpoint.resourceGroupName)
    params: {
      endpoint: endpoint
      subnetId: endpoint.subnetId
      targetId: endpoint.targetId
      zoneIds: endpoint.?zoneIds
    }
    dependsOn: [
      lakes
      postgres
    ]
  }
]

module groupLocks 'modules/group-lock.bicep' = [
  for group in lockedGroups: {
    scope: resourceGroup(group.subscriptionId, group.resourceGroupName)
    params: {
      name: lockName
    }
    dependsOn: [
      lakes
      postgres
      privateEndpoints
    ]
  }
]
