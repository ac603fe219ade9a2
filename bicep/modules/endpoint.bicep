// A private endpoint, and its name in a private DNS zone unless a policy of the organisation writes it.

import { Endpoint } from '../types.bicep'

@description('The endpoint.')
param endpoint Endpoint

@description('Id of the subnet that it stands in.')
param subnetId string

@description('Id of the resource that it leads to.')
param targetId string

@description('Id of the private DNS zone that its name goes into; none where a policy writes it.')
param zoneId string?

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

resource zoneGroup 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2025-05-01' = if (zoneId != null) {
  parent: privateEndpoint
  name: 'default'
  properties: {
    privateDnsZoneConfigs: [
      {
        name: endpoint.groupId
        properties: {
          privateDnsZoneId: zoneId!
        }
      }
    ]
  }
}
