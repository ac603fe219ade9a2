// A private DNS zone, linked to every network that shall see it.

import { Tags } from '../types.bicep'

@description('Tags of the zone.')
param tags Tags

@description('Name of the zone.')
param name string

@description('Names of the links, one for each network that sees the zone.')
param linkNames string[]

@description('Ids of the networks that see the zone, in the same order.')
param networkIds string[]

resource zone 'Microsoft.Network/privateDnsZones@2024-06-01' = {
  name: name
  location: 'global'
  tags: tags
}

resource networkLinks 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [
  for (linkName, i) in linkNames: {
    parent: zone
    name: linkName
    location: 'global'
    tags: tags
    properties: {
      registrationEnabled: false
      virtualNetwork: {
        id: networkIds[i]
      }
    }
  }
]
