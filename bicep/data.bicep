// Stage 4, data: a data lake for each environment, the PostgreSQL servers, and the private ways to them.

targetScope = 'subscription'

import { Endpoint, Locks } from 'types.bicep'
import { DatabaseServer, DataEnvironment, Day } from 'types/data.bicep'

@description('The environments.')
param environments DataEnvironment[]

@description('Containers of every data lake.')
param containerNames string[]

@description('Where the copies of the data are kept.')
param storageRedundancy 'Standard_LRS' | 'Standard_ZRS' | 'Standard_GZRS'

@description('Days in which what was deleted can be brought back.')
@minValue(7)
@maxValue(90)
param softDeleteDays int

@description('Days without a change after which files of landing and bronze move to the cheaper tier; 0: never.')
@minValue(0)
@maxValue(3650)
param coolAfterDays int

@description('Days after which files in landing are deleted; 0: never.')
@minValue(0)
@maxValue(3650)
param landingDays int

@description('Name of the queue of events in every storage account; without one there is none.')
param queueName string?

@description('Whether data is reached from public addresses, by those who may.')
param publicAccess bool

@description('The PostgreSQL servers.')
param servers DatabaseServer[]

@description('Major version of PostgreSQL.')
param postgresVersion '16' | '17' | '18'

@description('Compute size of the shared PostgreSQL server.')
param postgresSize string

@description('Gigabytes of PostgreSQL storage to begin with.')
param postgresStorageGb 32 | 64 | 128 | 256 | 512 | 1024 | 2048 | 4096

@description('Gigabytes that the storage of the shared server has grown to; it never shrinks.')
param currentSharedStorageGb int?

@description('Gigabytes that the storage of the server of production has grown to; it never shrinks.')
param currentProdStorageGb int?

@description('Whether PostgreSQL storage grows by itself when it fills.')
param postgresAutoGrow bool

@description('Days to which a database can be brought back.')
@minValue(7)
@maxValue(35)
param postgresBackupDays int

@description('Whether PostgreSQL backups are copied to the paired region; fixed at creation.')
param postgresGeoBackup bool

@description('Whether a PostgreSQL standby in another zone takes over by itself.')
param postgresHighAvailability bool

@description('Day on which Azure may upgrade the servers, from 02:00 UTC on.')
param maintenanceDay Day

@description('Private endpoints of lakes, key vaults, servers, and of the registry where it is private.')
param endpoints Endpoint[]

@description('What nobody can delete.')
param locks Locks

@description('Name of the locks.')
param lockName string

@description('Gigabytes that the storage of each server has grown to.')
var grownTo = [currentSharedStorageGb ?? 0, currentProdStorageGb ?? 0]

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
      lockName: locks == 'data' ? lockName : null
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
      storageGb: max(postgresStorageGb, grownTo[i])
      autoGrow: postgresAutoGrow
      backupDays: postgresBackupDays
      geoBackup: postgresGeoBackup
      highAvailability: postgresHighAvailability
      maintenanceDay: maintenanceDay
      administrators: server.administrators
      publicAccess: publicAccess
      lockName: locks == 'data' ? lockName : null
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
      zoneId: endpoint.?zoneId
    }
    dependsOn: [
      lakes
      postgres
    ]
  }
]
