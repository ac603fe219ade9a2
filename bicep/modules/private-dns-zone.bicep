// A private DNS zone, linked to every network that shall see it.

import { NetworkLink, Tags } from '../types.bicep'

@description('Tags of the zone.')
param tags Tags

@description('Name of the zone.')
param name string

@description('Networks that see the zone.')
param links NetworkLink[]

resource zone 'Microsoft.Network/privateDnsZones@2024-06-01' = {
  name: name
  location: 'global'
  tags: tags
}

resource networkLinks 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [
  for link in links: {
    parent: zone
    name: link.name
    location: 'global'
    tags: tags
    properties: {
      registrationEnabled: false
      virtualNetwork: {
        id: resourceId(link.resourceGroupName, 'Microsoft.Network/virtualNetworks', link.networkName)
      }
    }
  }
]
