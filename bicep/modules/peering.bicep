metadata name = 'Network peering'
metadata description = 'One direction of a peering between two virtual networks.'

@description('Name of the peering.')
@minLength(1)
@maxLength(80)
param name string

@description('Name of the virtual network of the peering, in this resource group.')
param networkName string

@description('Resource id of the remote virtual network.')
param remoteNetworkId string

@description('Whether the remote network may use the gateway of this network.')
param allowGatewayTransit bool

@description('Whether this network uses the gateway of the remote network.')
param useRemoteGateways bool

@description('Use of gateways that others have allowed: JSON text; null for none.')
param keptGateways string?

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
    ...json(keptGateways ?? '{}')
    remoteVirtualNetwork: {
      id: remoteNetworkId
    }
  }
}

@description('Resource id of the peering.')
output resourceId string = peering.id
