// A route table whose default route leads to a firewall.

import { Tags } from '../types.bicep'

@description('Region of the route table.')
param location string

@description('Tags of the route table.')
param tags Tags

@description('Name of the route table.')
param name string

@description('Private address of the firewall.')
param firewallAddress string

resource routeTable 'Microsoft.Network/routeTables@2025-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    disableBgpRoutePropagation: true
    routes: [
      {
        name: 'default'
        properties: {
          addressPrefix: '0.0.0.0/0'
          nextHopType: 'VirtualAppliance'
          nextHopIpAddress: firewallAddress
        }
      }
    ]
  }
}
