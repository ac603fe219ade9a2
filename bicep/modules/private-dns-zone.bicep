metadata name = 'Private DNS zone'
metadata description = 'A private DNS zone with its virtual network links.'

import { dnsTags, Tags } from '../types.bicep'

@description('Tags of the zone.')
param tags Tags

@description('Name of the zone.')
param name string

@description('Names of the virtual network links, one for each network.')
param linkNames string[]

@description('Resource ids of the linked networks, in the same order.')
param networkIds string[]

@description('Whether names that the zone does not have are resolved by public DNS.')
param internetFallback bool

resource privateDnsZone 'Microsoft.Network/privateDnsZones@2024-06-01' = {
  name: name
  location: 'global'
  tags: dnsTags(tags)
}

resource virtualNetworkLinks 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [
  for (linkName, i) in linkNames: {
    parent: privateDnsZone
    name: linkName
    location: 'global'
    tags: dnsTags(tags)
    properties: {
      registrationEnabled: false
      // learn.microsoft.com, dns/private-dns-fallback: only for zones of Private Link
      resolutionPolicy: internetFallback && startsWith(name, 'privatelink.') ? 'NxDomainRedirect' : 'Default'
      virtualNetwork: {
        id: networkIds[i]
      }
    }
  }
]

@description('Resource id of the private DNS zone.')
output resourceId string = privateDnsZone.id
