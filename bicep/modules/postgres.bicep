// Child resources are deployed one after another: a busy server rejects a second change.

metadata name = 'PostgreSQL server'
metadata description = 'A PostgreSQL flexible server with Entra authentication only.'

import { withKept } from '../types.bicep'
import { DatabaseAdministrator, DatabaseServer, Day } from '../types/data.bicep'
import { deleteLock } from '../types/interfaces.bicep'

@description('The server.')
param server DatabaseServer

@description('Compute size (SKU).')
param size string

@description('Major version.')
param version '16' | '17' | '18'

@description('Storage, in GiB.')
@minValue(32)
param storageGb int

@description('Whether storage grows automatically.')
param autoGrow bool

@description('Days that database backups are retained.')
@minValue(7)
@maxValue(35)
param backupDays int

@description('Whether backups are geo-redundant.')
param geoBackup bool

@description('Whether the server has a zone-redundant standby.')
param highAvailability bool

@description('Maintenance day; the window starts at 02:00 UTC.')
param maintenanceDay Day

@description('Entra administrators.')
param administrators DatabaseAdministrator[]

@description('Whether public network access is allowed.')
param publicAccess bool

@description('Name of the lock; null for no lock.')
param lockName string?

@description('Tags of others: JSON text; null for none.')
param keptTags string?

@description('Public access that others have switched off: JSON text; null for none.')
param keptAccess string?

@description('Extensions that others allow, by name: JSON text; null for none.')
param keptExtensions string?

@description('Days of the week, indexed from Sunday as in the maintenance window.')
var days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

resource flexibleServer 'Microsoft.DBforPostgreSQL/flexibleServers@2025-08-01' = {
  name: server.name
  location: server.location
  tags: withKept(server.tags, keptTags)
  sku: {
    name: size
    tier: server.tier
  }
  identity: server.?customerKey == null
    ? null
    : {
        type: 'UserAssigned'
        userAssignedIdentities: {
          '${server.customerKey!.identityId}': {}
        }
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
    // The mode can be selected at creation only.
    ...(server.?customerKey == null
      ? {}
      : {
          dataEncryption: {
            type: 'AzureKeyVault'
            primaryKeyURI: '${server.customerKey!.vaultUri}keys/${server.customerKey!.keyName}'
            primaryUserAssignedIdentityId: server.customerKey!.identityId
          }
        })
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
          ...json(keptAccess ?? '{}')
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

// Prefect uses trigram search.
resource extensions 'Microsoft.DBforPostgreSQL/flexibleServers/configurations@2025-08-01' = {
  parent: flexibleServer
  name: 'azure.extensions'
  properties: {
    value: join(concat(['PG_TRGM'], map(json(keptExtensions ?? '[]'), extension => extension.name)), ',')
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

// This range allows every address inside Azure, including other tenants, and none outside. Access still requires an Entra
// identity with a role on the server; password authentication is disabled. For trials only. A closed server gets no rule.
resource firewallRule 'Microsoft.DBforPostgreSQL/flexibleServers/firewallRules@2025-08-01' = if (publicAccess && keptAccess == null) {
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
  properties: deleteLock('the data is')
  dependsOn: [
    databases
  ]
}

@description('Resource id of the PostgreSQL server.')
output resourceId string = flexibleServer.id
