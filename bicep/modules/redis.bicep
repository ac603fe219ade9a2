metadata name = 'Managed Redis'
metadata description = 'The Managed Redis that Prefect servers share events, leases and tasks through; its URL with the key is in the key vault.'

import { Site } from '../types.bicep'
import { categories } from '../types/interfaces.bicep'
import { Redis } from '../types/runtime.bicep'

@description('The environment.')
param site Site

@description('The cache.')
param redis Redis

@description('Current size (SKU); another one than the smallest was set by others and stays.')
param currentSize string?

@description('Whether public network access is allowed.')
param publicAccess bool

@description('Resource id of the Log Analytics workspace.')
param workspaceId string

@description('Expiry of the secret, in seconds since 1970; null for never.')
param expires int?

resource vault 'Microsoft.KeyVault/vaults@2026-02-01' existing = {
  name: redis.keyVaultName
}

resource cache 'Microsoft.Cache/redisEnterprise@2025-07-01' = {
  name: redis.name
  location: site.location
  tags: site.tags
  sku: {
    name: currentSize ?? 'Balanced_B0'
  }
  properties: {
    highAvailability: 'Enabled'
    minimumTlsVersion: '1.2'
    publicNetworkAccess: publicAccess ? 'Enabled' : 'Disabled'
  }

  resource database 'databases' = {
    name: 'default'
    properties: {
      clientProtocol: 'Encrypted'
      port: 10000
      clusteringPolicy: 'NoCluster'
      evictionPolicy: 'NoEviction'
      // Prefect's Redis clients (prefect-redis 0.3.0) have no option for Entra tokens.
      accessKeysAuthentication: 'Enabled'
    }
  }
}

// One URL for messaging, ordering, leases (PREFECT_REDIS_MESSAGING_URL) and tasks (PREFECT_SERVER_DOCKET_URL).
resource secret 'Microsoft.KeyVault/vaults/secrets@2026-02-01' = {
  parent: vault
  name: redis.secretName
  properties: {
    value: 'rediss://:${uriComponent(cache::database.listKeys().primaryKey)}@${cache.properties.hostName}:10000/0'
    contentType: 'text/plain'
    attributes: {
      enabled: true
      ...(expires == null ? {} : { exp: expires! })
    }
  }
}

module secretReaders 'secret-readers.bicep' = {
  params: {
    vaultName: redis.keyVaultName
    readers: [
      {
        secretName: redis.secretName
        principalId: redis.readerPrincipalId
      }
    ]
  }
  dependsOn: [
    secret
  ]
}

#disable-next-line use-recent-api-versions // The newest stable version has no category groups.
resource diagnosticSetting 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: cache::database
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logs: categories(['ConnectionEvents'])
  }
}

@description('Resource id of the cache.')
output resourceId string = cache.id
