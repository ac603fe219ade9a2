// Stage 2, network: a hub, a spoke for each environment, the way out, private DNS.

targetScope = 'subscription'

import { Egress, NetworkEnvironment, NetworkLink, Tags, VirtualNetwork } from 'types.bicep'

@description('Region of every resource.')
param location string

@description('Tags of the shared resources.')
param tags Tags

@description('Resource group of what all environments share.')
param platformGroupName string

@description('The hub.')
param hub VirtualNetwork

@description('The environments and their spokes.')
param environments NetworkEnvironment[]

@description('How workloads reach the internet: a NAT gateway per spoke, or a route to a firewall.')
param egress Egress

@description('Private address of the firewall; only with egress through one.')
param firewallAddress string?

@description('Private DNS zones to create, by the names that this cloud uses.')
param privateDnsZoneNames string[]

@description('Networks that see the private DNS zones.')
param privateDnsLinks NetworkLink[]

resource platformGroup 'Microsoft.Resources/resourceGroups@2025-04-01' existing = {
  name: platformGroupName
}

resource environmentGroups 'Microsoft.Resources/resourceGroups@2025-04-01' existing = [
  for environment in environments: {
    name: environment.resourceGroupName
  }
]

module natGateways 'modules/nat-gateway.bicep' = [
  for (environment, i) in environments: if (egress == 'nat') {
    scope: environmentGroups[i]
    params: {
      location: location
      tags: environment.tags
      name: environment.natGatewayName
      publicIpName: environment.publicIpName
    }
  }
]

module routeTables 'modules/route-table.bicep' = [
  for (environment, i) in environments: if (egress == 'firewall') {
    scope: environmentGroups[i]
    params: {
      location: location
      tags: environment.tags
      name: environment.routeTableName
      firewallAddress: firewallAddress!
    }
  }
]

module hubNetwork 'modules/virtual-network.bicep' = {
  scope: platformGroup
  params: {
    location: location
    tags: tags
    network: hub
  }
}

module spokeNetworks 'modules/virtual-network.bicep' = [
  for (environment, i) in environments: {
    scope: environmentGroups[i]
    params: {
      location: location
      tags: environment.tags
      network: environment.network
      natGatewayId: egress == 'nat'
        ? resourceId(
            subscription().subscriptionId,
            environment.resourceGroupName,
            'Microsoft.Network/natGateways',
            environment.natGatewayName
          )
        : null
      routeTableId: egress == 'firewall'
        ? resourceId(
            subscription().subscriptionId,
            environment.resourceGroupName,
            'Microsoft.Network/routeTables',
            environment.routeTableName
          )
        : null
    }
    dependsOn: [
      natGateways
      routeTables
    ]
  }
]

// One after the other: all of them change the hub.
@batchSize(1)
module hubPeerings 'modules/peering.bicep' = [
  for environment in environments: {
    scope: platformGroup
    params: {
      name: 'to-${environment.name}'
      networkName: hub.name
      remoteNetworkId: resourceId(
        subscription().subscriptionId,
        environment.resourceGroupName,
        'Microsoft.Network/virtualNetworks',
        environment.network.name
      )
    }
    dependsOn: [
      hubNetwork
      spokeNetworks
    ]
  }
]

module spokePeerings 'modules/peering.bicep' = [
  for (environment, i) in environments: {
    scope: environmentGroups[i]
    params: {
      name: 'to-hub'
      networkName: environment.network.name
      remoteNetworkId: resourceId(
        subscription().subscriptionId,
        platformGroupName,
        'Microsoft.Network/virtualNetworks',
        hub.name
      )
    }
    dependsOn: [
      hubPeerings[i]
    ]
  }
]

module privateDnsZones 'modules/private-dns-zone.bicep' = [
  for zoneName in privateDnsZoneNames: {
    scope: platformGroup
    params: {
      tags: tags
      name: zoneName
      links: privateDnsLinks
    }
    dependsOn: [
      hubNetwork
      spokeNetworks
    ]
  }
]
