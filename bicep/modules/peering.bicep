// One direction of a peering between two networks.

@description('Name of the peering.')
param name string

@description('Network that the peering belongs to, in this resource group.')
param networkName string

@description('Network that it leads to.')
param remoteNetworkId string

@description('Whether the other side is reached through a gateway of this network.')
param allowGatewayTransit bool

@description('Whether this network is reached through a gateway of the other side.')
param useRemoteGateways bool

resource network 'Microsoft.Network/virtualNetworks@2025-05-01' existing = {
  name: networkName
}

resource peering 'Microsoft.Network/virtualNetworks/virtualNetworkPeerings@2025-05-01' = {
  parent: network
  name: name
  properties: {
    allowVirtualNetworkAccess: true
    allowForwardedTraffic: true
    allowGatewayTransit: allowGatewayTransit
    useRemoteGateways: useRemoteGateways
    remoteVirtualNetwork: {
      id: remoteNetworkId
    }
  }
}
