// Subnets are separate resources, so that a redeployment keeps subnets it does not know. They are deployed one after
// another: a network accepts one change at a time.

metadata name = 'Virtual network'
metadata description = 'A virtual network with its subnets and network security groups.'

import { KeptByOthers, Tags, withKept } from '../types.bicep'
import { categories } from '../types/interfaces.bicep'
import { VirtualNetwork } from '../types/network.bicep'

@description('Region of the network.')
param location string

@description('Tags of the network.')
param tags Tags

@description('The network and its subnets.')
param network VirtualNetwork

@description('Resource id of the NAT gateway of subnets with outbound access; null without one.')
param natGatewayId string?

@description('Resource id of the route table of subnets with outbound access; null without one.')
param routeTableId string?

@description('Settings of others, which a redeployment must not remove.')
param kept KeptByOthers?

@description('Resource id of the Log Analytics workspace.')
param workspaceId string

@description('Properties that others have set on the network, such as DNS servers and a DDoS plan.')
var keptProperties = json(kept[?'virtualNetworks/${network.name}'] ?? '{}')

resource securityGroups 'Microsoft.Network/networkSecurityGroups@2025-05-01' = [
  for subnet in network.subnets: {
    name: subnet.networkSecurityGroupName
    location: location
    tags: withKept(tags, kept[?'tags/networkSecurityGroups/${subnet.networkSecurityGroupName}'])
    // The default rules already allow traffic within the network and deny traffic from the internet.
    properties: {
      securityRules: concat(
        map(
          filter(
            subnet.rules,
            rule =>
              !contains(
                map(json(kept[?'networkSecurityGroups/${subnet.networkSecurityGroupName}'] ?? '[]'), other => other.name),
                rule.name
              )
          ),
          rule => {
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
        }
        ),
        json(kept[?'networkSecurityGroups/${subnet.networkSecurityGroupName}'] ?? '[]')
      )
    }
  }
]

resource routeTable 'Microsoft.Network/routeTables@2025-05-01' = if (network.?routeTableName != null) {
  name: network.?routeTableName ?? 'none'
  location: location
  tags: withKept(tags, kept[?'tags/routeTables/${network.?routeTableName ?? 'none'}'])
  properties: {
    disableBgpRoutePropagation: false
    routes: json(kept[?'routeTables/${network.?routeTableName ?? 'none'}'] ?? '[]')
  }
}

resource virtualNetwork 'Microsoft.Network/virtualNetworks@2025-05-01' = {
  name: network.name
  location: location
  tags: withKept(tags, kept[?'tags/virtualNetworks/${network.name}'])
  properties: {
    enableDdosProtection: false
    ...keptProperties
    addressSpace: {
      addressPrefixes: union([network.addressPrefix], keptProperties.?addressSpace.?addressPrefixes ?? [])
    }
  }
}

@batchSize(1)
resource subnets 'Microsoft.Network/virtualNetworks/subnets@2025-05-01' = [
  for (subnet, i) in network.subnets: {
    parent: virtualNetwork
    name: subnet.name
    properties: {
      ...json(kept[?'virtualNetworks/${network.name}/subnets/${subnet.name}'] ?? '{}')
      addressPrefix: subnet.addressPrefix
      defaultOutboundAccess: false
      privateEndpointNetworkPolicies: 'Enabled'
      networkSecurityGroup: {
        id: securityGroups[i].id
      }
      ...(natGatewayId == null || !subnet.outbound ? {} : { natGateway: { id: natGatewayId! } })
      ...(routeTableId != null && subnet.outbound
        ? { routeTable: { id: routeTableId! } }
        : network.?routeTableName != null ? { routeTable: { id: routeTable.id } } : {})
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

#disable-next-line use-recent-api-versions // The newest stable version has no category groups.
resource networkDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: virtualNetwork
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logs: categories(['VMProtectionAlerts'])
  }
}

#disable-next-line use-recent-api-versions // The newest stable version has no category groups.
resource securityGroupDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = [
  for (subnet, i) in network.subnets: {
    scope: securityGroups[i]
    name: 'to-workspace'
    properties: {
      workspaceId: workspaceId
      logs: categories(['NetworkSecurityGroupEvent', 'NetworkSecurityGroupRuleCounter'])
    }
  }
]

@description('Resource id of the virtual network.')
output resourceId string = virtualNetwork.id
