// A PostgreSQL server. Entra identities only; reached through a private endpoint, from within a subnet of its own, or
// publicly. What hangs on the server is changed one thing at a time, for a busy server refuses a second change.

import { DatabaseAdministrator, DatabaseServer, Day } from '../types/data.bicep'

@description('The server.')
param server DatabaseServer

@description('Compute size.')
param size string

@description('Major version.')
param version string

@description('Gigabytes of storage.')
param storageGb int

@description('Whether storage grows by itself when it fills.')
param autoGrow bool

@description('Days to which a database can be brought back.')
param backupDays int

@description('Whether backups are copied to the paired region.')
param geoBackup bool

@description('Whether a standby in another zone takes over by itself.')
param highAvailability bool

@description('Day on which Azure may upgrade the server, from 02:00 UTC on.')
param maintenanceDay Day

@description('Entra administrators.')
param administrators DatabaseAdministrator[]

@description('Whether it is reached from public addresses, by those who may.')
param publicAccess bool

@description('Name of the lock, if the server is locked.')
param lockName string?

@description('Days as the service counts them, from Sunday on.')
var days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

resource flexibleServer 'Microsoft.DBforPostgreSQL/flexibleServers@2025-08-01' = {
  name: server.name
  location: server.location
  tags: server.tags
  sku: {
    name: size
    tier: server.tier
  }
  properties: {
    version: version
    authConfig: {
      activeDirectoryAuth: 'Enabled'
      passwordAuth: 'Disabled'
      tenantId: tenant().tenantId
    }
    storage: {
      storageSizeGB: storageGb
      autoGrow: autoGrow ? 'Enabled' : 'Disabled'
    }
    backup: {
      backupRetentionDays: backupDays
      geoRedundantBackup: geoBackup ? 'Enabled' : 'Disabled'
    }
    highAvailability: {
      mode: highAvailability ? 'ZoneRedundant' : 'Disabled'
    }
    maintenanceWindow: {
      customWindow: 'Enabled'
      dayOfWeek: indexOf(days, maintenanceDay)
      startHour: 2
      startMinute: 0
    }
    network: server.?subnetId == null
      ? {
          publicNetworkAccess: publicAccess ? 'Enabled' : 'Disabled'
        }
      : {
          delegatedSubnetResourceId: server.subnetId!
          privateDnsZoneArmResourceId: server.zoneId!
        }
  }
}

@batchSize(1)
resource entraAdministrators 'Microsoft.DBforPostgreSQL/flexibleServers/administrators@2025-08-01' = [
  for administrator in administrators: {
    parent: flexibleServer
    name: administrator.principalId
    properties: {
      principalName: administrator.name
      principalType: administrator.principalType
      tenantId: tenant().tenantId
    }
  }
]

// Prefect searches by trigrams.
resource extensions 'Microsoft.DBforPostgreSQL/flexibleServers/configurations@2025-08-01' = {
  parent: flexibleServer
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
  for databaseName in server.databases: {
    parent: flexibleServer
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

// This range stands for every address inside Azure, those of other tenants too, and for none outside. What keeps them out
// is sign-on alone: identities of Entra that have a role here; there is no password to guess. For trials only.
resource firewall 'Microsoft.DBforPostgreSQL/flexibleServers/firewallRules@2025-08-01' = if (publicAccess) {
  parent: flexibleServer
  name: 'azure-services'
  properties: {
    startIpAddress: '0.0.0.0'
    endIpAddress: '0.0.0.0'
  }
  dependsOn: [
    databases
  ]
}

resource serverLock 'Microsoft.Authorization/locks@2020-05-01' = if (lockName != null) {
  scope: flexibleServer
  name: lockName!
  properties: {
    level: 'CanNotDelete'
    notes: 'Set by the FlowForge Installer. Take it off before the data is to be deleted.'
  }
  dependsOn: [
    databases
  ]
}
