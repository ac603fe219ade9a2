// A private endpoint, with its name in a private DNS zone.

import { PrivateEndpoint, Tags } from '../types.bicep'

@description('Region of the endpoint.')
param location string

@description('Tags of the endpoint.')
param tags Tags

@description('The endpoint.')
param endpoint PrivateEndpoint

@description('Resource that it leads to.')
param targetId string

@description('Subnet that it stands in.')
param subnetId string

@description('Resource group of the private DNS zone.')
param zoneGroupName string

resource privateEndpoint 'Microsoft.Network/privateEndpoints@2025-05-01' = {
  name: endpoint.name
  location: location
  tags: tags
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

  resource zoneGroup 'privateDnsZoneGroups' = {
    name: 'default'
    properties: {
      privateDnsZoneConfigs: [
        {
          name: endpoint.groupId
          properties: {
            privateDnsZoneId: resourceId(zoneGroupName, 'Microsoft.Network/privateDnsZones', endpoint.zoneName)
          }
        }
      ]
    }
  }
}
