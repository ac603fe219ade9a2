metadata name = 'Managed Redis'
metadata description = 'The Managed Redis that Prefect servers share events through, with Entra authentication only.'

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
      accessKeysAuthentication: 'Disabled'
    }

    @batchSize(1)
    resource accessPolicyAssignments 'accessPolicyAssignments' = [
      for principalId in redis.principalIds: {
        name: principalId
        properties: {
          accessPolicyName: 'default'
          user: {
            objectId: principalId
          }
        }
      }
    ]
  }
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
