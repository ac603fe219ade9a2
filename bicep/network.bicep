// Stage 2, network: hub and spokes as far as they are built here, the way out, private DNS, the endpoints of what all
// environments share. Networks that exist already are only peered with, and linked to the zones that are built here.

targetScope = 'subscription'

import { Egress, Endpoint, Tags } from 'types.bicep'
import { Hub, PrivateDns, Resolver, Spoke, VirtualNetwork } from 'types/network.bicep'

@description('Region of what all environments share.')
param location string

@description('Tags of the shared resources.')
param tags Tags

@description('Resource group of what all environments share.')
param platformGroupName string

@description('The hub; absent where there is nothing to peer with it.')
param hub Hub?

@description('Network of the hub, if it is built here.')
param hubNetwork VirtualNetwork?

@description('The spokes that are built here.')
param spokes Spoke[]

@description('How workloads reach the internet: a NAT gateway per spoke, or a route to a firewall.')
param egress Egress

@description('Private address of the firewall; only with egress through one.')
param firewallAddress string?

@description('Private DNS zones that are built here; absent where the organisation keeps them.')
param privateDns PrivateDns?

@description('Whether servers on the premises can ask for private names; only in a hub that is built here.')
param dnsResolver bool?

@description('Where they ask.')
param resolver Resolver?

@description('Private endpoints of what the foundation made for all environments.')
param endpoints Endpoint[]

resource platformGroup 'Microsoft.Resources/resourceGroups@2025-04-01' existing = {
  name: platformGroupName
}

module natGateways 'modules/nat-gateway.bicep' = [
  for spoke in spokes: if (egress == 'nat') {
    scope: resourceGroup(spoke.site.subscriptionId, spoke.site.resourceGroupName)
    params: {
      location: spoke.site.location
      tags: spoke.site.tags
      name: spoke.natGatewayName
      publicIpName: spoke.publicIpName
    }
  }
]

module routeTables 'modules/route-table.bicep' = [
  for spoke in spokes: if (egress == 'firewall') {
    scope: resourceGroup(spoke.site.subscriptionId, spoke.site.resourceGroupName)
    params: {
      location: spoke.site.location
      tags: spoke.site.tags
      name: spoke.routeTableName
      firewallAddress: firewallAddress!
    }
  }
]

module newHub 'modules/virtual-network.bicep' = if (hubNetwork != null) {
  scope: platformGroup
  params: {
    location: location
    tags: tags
    network: hubNetwork!
  }
}

module spokeNetworks 'modules/virtual-network.bicep' = [
  for spoke in spokes: {
    scope: resourceGroup(spoke.site.subscriptionId, spoke.site.resourceGroupName)
    params: {
      location: spoke.site.location
      tags: spoke.site.tags
      network: spoke.network
      natGatewayId: egress == 'nat'
        ? resourceId(
            spoke.site.subscriptionId,
            spoke.site.resourceGroupName,
            'Microsoft.Network/natGateways',
            spoke.natGatewayName
          )
        : null
      routeTableId: egress == 'firewall'
        ? resourceId(
            spoke.site.subscriptionId,
            spoke.site.resourceGroupName,
            'Microsoft.Network/routeTables',
            spoke.routeTableName
          )
        : null
    }
    dependsOn: [
      natGateways
      routeTables
    ]
  }
]

// One after the other: all of them change the hub. Before the other side, which may want to use the hub's gateway.
@batchSize(1)
module hubPeerings 'modules/peering.bicep' = [
  for spoke in spokes: {
    scope: resourceGroup(hub!.subscriptionId, hub!.resourceGroupName)
    params: {
      name: spoke.peeringName
      networkName: hub!.networkName
      remoteNetworkId: resourceId(
        spoke.site.subscriptionId,
        spoke.site.resourceGroupName,
        'Microsoft.Network/virtualNetworks',
        spoke.network.name
      )
      allowGatewayTransit: hub!.gatewayTransit
      useRemoteGateways: false
    }
    dependsOn: [
      newHub
      spokeNetworks
    ]
  }
]

module spokePeerings 'modules/peering.bicep' = [
  for (spoke, i) in spokes: {
    scope: resourceGroup(spoke.site.subscriptionId, spoke.site.resourceGroupName)
    params: {
      name: 'to-hub'
      networkName: spoke.network.name
      remoteNetworkId: resourceId(
        hub!.subscriptionId,
        hub!.resourceGroupName,
        'Microsoft.Network/virtualNetworks',
        hub!.networkName
      )
      allowGatewayTransit: false
      useRemoteGateways: hub!.gatewayTransit
    }
    dependsOn: [
      hubPeerings[i]
    ]
  }
]

module privateDnsZones 'modules/private-dns-zone.bicep' = [
  for zoneName in privateDns.?zoneNames ?? []: {
    scope: platformGroup
    params: {
      tags: tags
      name: zoneName
      linkNames: privateDns!.linkNames
      networkIds: privateDns!.networkIds
    }
    dependsOn: [
      newHub
      spokeNetworks
    ]
  }
]

module hubResolver 'modules/dns-resolver.bicep' = if (dnsResolver ?? false) {
  scope: platformGroup
  params: {
    location: location
    tags: tags
    networkName: hub!.networkName
    resolver: resolver!
  }
  dependsOn: [
    newHub
  ]
}

module sharedEndpoints 'modules/endpoint.bicep' = [
  for endpoint in endpoints: {
    scope: resourceGroup(endpoint.subscriptionId, endpoint.resourceGroupName)
    params: {
      endpoint: endpoint
      subnetId: endpoint.subnetId
      targetId: endpoint.targetId
      zoneId: endpoint.?zoneId
    }
    dependsOn: [
      newHub
      privateDnsZones
    ]
  }
]
