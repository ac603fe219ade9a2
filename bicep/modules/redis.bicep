// What several Prefect servers share their events through. Only Entra identities come in: no keys.

import { Site } from '../types.bicep'
import { Redis } from '../types/runtime.bicep'

@description('The environment.')
param site Site

@description('The cache.')
param redis Redis

@description('Whether it is reached from public addresses, by those who may.')
param publicAccess bool

resource cache 'Microsoft.Cache/redisEnterprise@2025-07-01' = {
  name: redis.name
  location: site.location
  tags: site.tags
  sku: {
    name: 'Balanced_B0'
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
    resource users 'accessPolicyAssignments' = [
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
