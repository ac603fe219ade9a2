// Stage 4, data: a data lake for each environment, the shared PostgreSQL server, and the private ways to them.

targetScope = 'subscription'

import { DatabaseAdministrator, DataEnvironment, PrivateEndpoint, Tags } from 'types.bicep'

@description('Region of every resource.')
param location string

@description('Tags of the shared resources.')
param tags Tags

@description('Resource group of what all environments share, private DNS zones among it.')
param platformGroupName string

@description('The environments.')
param environments DataEnvironment[]

@description('Containers of every data lake.')
param containerNames string[]

@description('Where the copies of the data are kept.')
param storageRedundancy 'Standard_LRS' | 'Standard_ZRS' | 'Standard_GZRS'

@description('Name of the PostgreSQL server.')
param postgresName string

@description('Private endpoint of the PostgreSQL server.')
param postgresEndpoint PrivateEndpoint

@description('Hub network, where that endpoint stands.')
param hubNetworkName string

@description('Subnet of the hub, where that endpoint stands.')
param hubSubnetName string

@description('Compute size of the PostgreSQL server.')
param postgresSize string

@description('Pricing tier that the compute size belongs to.')
param postgresTier 'Burstable' | 'GeneralPurpose' | 'MemoryOptimized'

@description('Gigabytes of PostgreSQL storage to begin with.')
param postgresStorageGb 32 | 64 | 128 | 256 | 512 | 1024 | 2048 | 4096

@description('Whether a PostgreSQL standby in another zone takes over by itself.')
param postgresHighAvailability bool

@description('Entra administrators of the PostgreSQL server.')
param postgresAdministrators DatabaseAdministrator[]

resource platformGroup 'Microsoft.Resources/resourceGroups@2025-04-01' existing = {
  name: platformGroupName
}

resource environmentGroups 'Microsoft.Resources/resourceGroups@2025-04-01' existing = [
  for environment in environments: {
    name: environment.resourceGroupName
  }
]

module lakes 'modules/lake.bicep' = [
  for (environment, i) in environments: {
    scope: environmentGroups[i]
    params: {
      location: location
      environment: environment
      containerNames: containerNames
      redundancy: storageRedundancy
      zoneGroupName: platformGroupName
    }
  }
]

module postgres 'modules/postgres.bicep' = {
  scope: platformGroup
  params: {
    location: location
    tags: tags
    name: postgresName
    size: postgresSize
    tier: postgresTier
    storageGb: postgresStorageGb
    highAvailability: postgresHighAvailability
    administrators: postgresAdministrators
    databaseNames: flatten(map(environments, environment => environment.databases))
  }
}

module postgresPrivateEndpoint 'modules/private-endpoint.bicep' = {
  scope: platformGroup
  params: {
    location: location
    tags: tags
    endpoint: postgresEndpoint
    targetId: resourceId(
      subscription().subscriptionId,
      platformGroupName,
      'Microsoft.DBforPostgreSQL/flexibleServers',
      postgresName
    )
    subnetId: resourceId(
      subscription().subscriptionId,
      platformGroupName,
      'Microsoft.Network/virtualNetworks/subnets',
      hubNetworkName,
      hubSubnetName
    )
    zoneGroupName: platformGroupName
  }
  dependsOn: [
    postgres
  ]
}

@description('Host name of the PostgreSQL server.')
output postgresHost string = postgres.outputs.host
