metadata name = 'Container Apps DNS zone'
metadata description = 'The private DNS zone of a Container Apps environment; all names resolve to its internal address.'

import { dnsTags, Site } from '../types.bicep'
import { AppsZone } from '../types/controlplane.bicep'

@description('The environment.')
param site Site

@description('The zone.')
param zone AppsZone

@description('Resource ids of the linked networks.')
param networkIds string[]

resource privateDnsZone 'Microsoft.Network/privateDnsZones@2024-06-01' = {
  name: zone.name
  location: 'global'
  tags: dnsTags(site.tags)

  resource records 'A' = [
    for name in ['*', '@']: {
      name: name
      properties: {
        ttl: 3600
        aRecords: [
          {
            ipv4Address: zone.address
          }
        ]
      }
    }
  ]

  resource virtualNetworkLinks 'virtualNetworkLinks' = [
    for (name, i) in zone.linkNames: {
      name: name
      location: 'global'
      tags: dnsTags(site.tags)
      properties: {
        registrationEnabled: false
        virtualNetwork: {
          id: networkIds[i]
        }
      }
    }
  ]
}

@description('Resource id of the Container Apps DNS zone.')
output resourceId string = privateDnsZone.id
