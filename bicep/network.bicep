// Existing networks are only peered, and linked to the zones that this stage creates.

metadata name = 'Stage 2: network'
metadata description = 'Hub and spoke networks, outbound routing, private DNS and the private endpoint of the registry.'

targetScope = 'subscription'

import { Egress, Endpoint, KeptByOthers, Tags } from 'types.bicep'
import { CollectionEndpoint, Hub, PrivateDns, Resolver, Spoke, VirtualNetwork } from 'types/network.bicep'

@description('Region of the shared resources.')
param location string

@description('Tags of the shared resources.')
param tags Tags

@description('Resource group of the shared resources.')
param platformGroupName string

@description('Resource id of the Log Analytics workspace.')
param workspaceId string

@description('The hub; omitted where no spoke is peered with it.')
param hub Hub?

@description('Virtual network of the hub; omitted for an existing hub.')
param hubNetwork VirtualNetwork?

@description('The spokes to create.')
param spokes Spoke[]

@description('Outbound access: a NAT gateway per spoke, or a route to a firewall.')
param egress Egress

@description('Private IP address of the firewall; only for egress through a firewall.')
param firewallAddress string?

@description('Private DNS zones to create; omitted where the organization manages them.')
param privateDns PrivateDns?

@description('Whether to create a DNS resolver for on-premises servers; only with a new hub.')
param dnsResolver bool?

@description('The DNS resolver; only with dnsResolver.')
param resolver Resolver?

@description('Private endpoints of the shared resources.')
param endpoints Endpoint[]

@description('Data collection endpoints of the private link of Azure Monitor; none without it.')
param collectionEndpoints CollectionEndpoint[]

@description('Settings of others, which a redeployment must not remove.')
param kept KeptByOthers?

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
      zoneRedundant: spoke.redundantNat
      keptAddresses: kept[?'natGateways/${spoke.natGatewayName}']
      keptTags: kept[?'tags/natGateways/${spoke.natGatewayName}']
      workspaceId: workspaceId
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
      kept: kept
    }
  }
]

module newHub 'modules/virtual-network.bicep' = if (hubNetwork != null) {
  scope: platformGroup
  params: {
    location: location
    tags: tags
    network: hubNetwork!
    kept: kept
    workspaceId: workspaceId
  }
}

module spokeNetworks 'modules/virtual-network.bicep' = [
  for spoke in spokes: {
    scope: resourceGroup(spoke.site.subscriptionId, spoke.site.resourceGroupName)
    params: {
      location: spoke.site.location
      tags: spoke.site.tags
      network: spoke.network
      kept: kept
      workspaceId: workspaceId
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

// One after another, because all of them change the hub; before the spoke side, which may use the gateway of the hub.
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
      keptGateways: kept[?'virtualNetworkPeerings/${hub!.networkName}/${spoke.peeringName}']
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
      keptGateways: kept[?'virtualNetworkPeerings/${spoke.network.name}/to-hub']
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
      internetFallback: privateDns!.internetFallback
    }
    dependsOn: [
      newHub
      spokeNetworks
    ]
  }
]

// Azure links a network to a zone once, and AKS links that of a cluster itself: learn.microsoft.com, aks/private-clusters.
module clusterZones 'modules/private-dns-zone.bicep' = [
  for zoneName in privateDns.?clusterZoneNames ?? []: {
    scope: platformGroup
    params: {
      tags: tags
      name: zoneName
      linkNames: [privateDns!.linkNames[0]]
      networkIds: [privateDns!.networkIds[0]]
      internetFallback: privateDns!.internetFallback
    }
    dependsOn: [
      newHub
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
      zoneIds: endpoint.?zoneIds
    }
    dependsOn: [
      newHub
      privateDnsZones
    ]
  }
]

module collection 'modules/collection-endpoint.bicep' = [
  for endpoint in collectionEndpoints: {
    scope: resourceGroup(endpoint.subscriptionId, endpoint.resourceGroupName)
    params: {
      endpoint: endpoint
    }
  }
]
