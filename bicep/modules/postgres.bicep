// The PostgreSQL server that all environments share. Entra identities only; reached through a private endpoint. What
// hangs on the server is changed one thing at a time, for a busy server refuses a second change.

import { DatabaseAdministrator, Tags } from '../types.bicep'

@description('Region of the server.')
param location string

@description('Tags of the server.')
param tags Tags

@description('Name of the server.')
param name string

@description('Compute size.')
param size string

@description('Pricing tier that the compute size belongs to.')
param tier string

@description('Gigabytes of storage to begin with.')
param storageGb int

@description('Whether a standby in another zone takes over by itself.')
param highAvailability bool

@description('Entra administrators.')
param administrators DatabaseAdministrator[]

@description('Databases.')
param databaseNames string[]

resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2025-08-01' = {
  name: name
  location: location
  tags: tags
  sku: {
    name: size
    tier: tier
  }
  properties: {
    version: '17'
    authConfig: {
      activeDirectoryAuth: 'Enabled'
      passwordAuth: 'Disabled'
      tenantId: tenant().tenantId
    }
    storage: {
      storageSizeGB: storageGb
      autoGrow: 'Enabled'
    }
    backup: {
      backupRetentionDays: 7
      geoRedundantBackup: 'Disabled'
    }
    highAvailability: {
      mode: highAvailability ? 'ZoneRedundant' : 'Disabled'
    }
    network: {
      publicNetworkAccess: 'Disabled'
    }
  }
}

@batchSize(1)
resource entraAdministrators 'Microsoft.DBforPostgreSQL/flexibleServers/administrators@2025-08-01' = [
  for administrator in administrators: {
    parent: server
    name: administrator.principalId
    properties: {
      principalName: administrator.name
      principalType: 'ServicePrincipal'
      tenantId: tenant().tenantId
    }
  }
]

// Prefect searches by trigrams.
resource extensions 'Microsoft.DBforPostgreSQL/flexibleServers/configurations@2025-08-01' = {
  parent: server
  name: 'azure.extensions'
  properties: {
    value: 'PG_TRGM'
    source: 'user-override'
  }
  dependsOn: [
    entraAdministrators
  ]
}

@batchSize(1)
resource databases 'Microsoft.DBforPostgreSQL/flexibleServers/databases@2025-08-01' = [
  for databaseName in databaseNames: {
    parent: server
    name: databaseName
    properties: {
      charset: 'UTF8'
      collation: 'en_US.utf8'
    }
    dependsOn: [
      extensions
    ]
  }
]

@description('Host name of the server.')
output host string = server.properties.fullyQualifiedDomainName
