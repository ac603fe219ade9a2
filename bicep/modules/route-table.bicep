metadata name = 'Route table'
metadata description = 'A route table with a default route to a firewall.'

import { KeptByOthers, Tags, withKept } from '../types.bicep'

@description('Region of the route table.')
param location string

@description('Tags of the route table.')
param tags Tags

@description('Name of the route table.')
@minLength(1)
@maxLength(80)
param name string

@description('Private IP address of the firewall.')
param firewallAddress string

@description('Settings of others, which a redeployment must not remove.')
param kept KeptByOthers?

resource routeTable 'Microsoft.Network/routeTables@2025-05-01' = {
  name: name
  location: location
  tags: withKept(tags, kept[?'tags/routeTables/${name}'])
  properties: {
    disableBgpRoutePropagation: true
    routes: concat(
      [
        {
          name: 'default'
          properties: {
            addressPrefix: '0.0.0.0/0'
            nextHopType: 'VirtualAppliance'
            nextHopIpAddress: firewallAddress
          }
        }
      ],
      json(kept[?'routeTables/${name}'] ?? '[]')
    )
  }
}

@description('Resource id of the route table.')
output resourceId string = routeTable.id
