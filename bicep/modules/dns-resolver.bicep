metadata name = 'DNS resolver'
metadata description = 'A private DNS resolver in the hub, with an inbound endpoint for on-premises servers.'

import { Tags } from '../types.bicep'
import { Resolver } from '../types/network.bicep'

@description('Region of the resolver.')
param location string

@description('Tags of the resolver.')
param tags Tags

@description('Name of the virtual network of the resolver, in this resource group.')
param networkName string

@description('The resolver.')
param resolver Resolver

resource network 'Microsoft.Network/virtualNetworks@2025-05-01' existing = {
  name: networkName

  resource subnet 'subnets' existing = {
    name: resolver.subnetName
  }
}

resource dnsResolver 'Microsoft.Network/dnsResolvers@2025-05-01' = {
  name: resolver.name
  location: location
  tags: tags
  properties: {
    virtualNetwork: {
      id: network.id
    }
  }
}

resource inboundEndpoint 'Microsoft.Network/dnsResolvers/inboundEndpoints@2025-05-01' = {
  parent: dnsResolver
  name: resolver.endpointName
  location: location
  tags: tags
  properties: {
    ipConfigurations: [
      {
        privateIpAllocationMethod: 'Static'
        privateIpAddress: resolver.address
        subnet: {
          id: network::subnet.id
        }
      }
    ]
  }
}

@description('Resource id of the DNS resolver.')
output resourceId string = dnsResolver.id
