// The zone group is omitted where an Azure policy creates the DNS record.

metadata name = 'Private endpoint'
metadata description = 'A private endpoint with its DNS zone group.'

import { Endpoint } from '../types.bicep'

@description('The private endpoint.')
param endpoint Endpoint

@description('Resource id of the subnet of the endpoint.')
param subnetId string

@description('Resource id of the target.')
param targetId string

@description('Resource ids of the private DNS zones; null where an Azure policy creates the records.')
@maxLength(5)
param zoneIds string[]?

resource privateEndpoint 'Microsoft.Network/privateEndpoints@2025-05-01' = {
  name: endpoint.name
  location: endpoint.location
  tags: endpoint.tags
  properties: {
    subnet: {
      id: subnetId
    }
    privateLinkServiceConnections: [
      {
        name: endpoint.name
        properties: {
          privateLinkServiceId: targetId
          groupIds: [
            endpoint.groupId
          ]
        }
      }
    ]
  }
}

resource zoneGroup 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2025-05-01' = if (zoneIds != null) {
  parent: privateEndpoint
  name: 'default'
  properties: {
    privateDnsZoneConfigs: [
      for (zoneId, i) in zoneIds!: {
        name: length(zoneIds!) == 1 ? endpoint.groupId : replace(last(split(zoneId, '/')), '.', '-')
        properties: {
          privateDnsZoneId: zoneIds![i]
        }
      }
    ]
  }
}

@description('Resource id of the private endpoint.')
output resourceId string = privateEndpoint.id
