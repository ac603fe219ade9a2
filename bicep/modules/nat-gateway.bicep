// A NAT gateway with one public address: the way out of a network that has no default outbound access.

import { Tags } from '../types.bicep'

@description('Region of the gateway.')
param location string

@description('Tags of the gateway.')
param tags Tags

@description('Name of the gateway.')
param name string

@description('Name of its public address.')
param publicIpName string

resource publicAddress 'Microsoft.Network/publicIPAddresses@2025-05-01' = {
  name: publicIpName
  location: location
  tags: tags
  sku: {
    name: 'Standard'
  }
  properties: {
    publicIPAllocationMethod: 'Static'
    publicIPAddressVersion: 'IPv4'
  }
}

resource gateway 'Microsoft.Network/natGateways@2025-05-01' = {
  name: name
  location: location
  tags: tags
  sku: {
    name: 'Standard'
  }
  properties: {
    idleTimeoutInMinutes: 4
    publicIpAddresses: [
      {
        id: publicAddress.id
      }
    ]
  }
}
