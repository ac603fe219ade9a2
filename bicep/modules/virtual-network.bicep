// A virtual network whose subnets are resources of their own: a second deployment never drops a subnet that it does not
// know. The subnets follow one another, for a network takes one change at a time.

import { Tags } from '../types.bicep'
import { VirtualNetwork } from '../types/network.bicep'

@description('Region of the network.')
param location string

@description('Tags of the network.')
param tags Tags

@description('The network and its subnets.')
param network VirtualNetwork

@description('NAT gateway of the subnets that reach the internet, if there is one.')
param natGatewayId string?

@description('Route table of the subnets that reach the internet, if there is one.')
param routeTableId string?

resource securityGroups 'Microsoft.Network/networkSecurityGroups@2025-05-01' = [
  for subnet in network.subnets: {
    name: subnet.networkSecurityGroupName
    location: location
    tags: tags
    // Beside these, the service's own rules are what we want: from within the network yes, from the internet no.
    properties: {
      securityRules: map(subnet.rules, rule => {
        name: rule.name
        properties: {
          priority: rule.priority
          direction: 'Inbound'
          access: 'Allow'
          protocol: 'Tcp'
          sourceAddressPrefix: rule.source
          sourcePortRange: '*'
          destinationAddressPrefix: '*'
          destinationPortRanges: rule.ports
        }
      })
    }
  }
]

resource virtualNetwork 'Microsoft.Network/virtualNetworks@2025-05-01' = {
  name: network.name
  location: location
  tags: tags
  properties: {
    addressSpace: {
      addressPrefixes: [
        network.addressPrefix
      ]
    }
  }
}

@batchSize(1)
resource subnets 'Microsoft.Network/virtualNetworks/subnets@2025-05-01' = [
  for (subnet, i) in network.subnets: {
    parent: virtualNetwork
    name: subnet.name
    properties: {
      addressPrefix: subnet.addressPrefix
      defaultOutboundAccess: false
      privateEndpointNetworkPolicies: 'Enabled'
      networkSecurityGroup: {
        id: securityGroups[i].id
      }
      ...(natGatewayId == null || !subnet.outbound ? {} : { natGateway: { id: natGatewayId! } })
      ...(routeTableId == null || !subnet.outbound ? {} : { routeTable: { id: routeTableId! } })
      delegations: subnet.?delegation == null
        ? []
        : [
            {
              name: 'delegation'
              properties: {
                serviceName: subnet.delegation!
              }
            }
          ]
    }
  }
]
