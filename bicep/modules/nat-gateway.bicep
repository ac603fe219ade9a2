metadata name = 'NAT gateway'
metadata description = 'A NAT gateway with one public IP address, for subnets without default outbound access.'

// A Standard NAT gateway is in one zone: learn.microsoft.com, nat-gateway/nat-sku. One cannot become the other.

import { Tags, withKept } from '../types.bicep'
import { categories } from '../types/interfaces.bicep'

@description('Region of the gateway.')
param location string

@description('Tags of the gateway.')
param tags Tags

@description('Name of the gateway.')
@minLength(1)
@maxLength(80)
param name string

@description('Name of the public IP address.')
param publicIpName string

@description('Whether the gateway is in all availability zones.')
param zoneRedundant bool

@description('Resource id of the Log Analytics workspace.')
param workspaceId string

@description('Addresses and prefixes that others have added: JSON text; null for none.')
param keptAddresses string?

@description('Tags of others: JSON text; null for none.')
param keptTags string?

@description('Addresses and prefixes that others have added.')
var others = json(keptAddresses ?? '{}')

@description('SKU of the gateway and of its address.')
var sku = zoneRedundant ? 'StandardV2' : 'Standard'

resource publicIpAddress 'Microsoft.Network/publicIPAddresses@2025-05-01' = {
  name: publicIpName
  location: location
  tags: tags
  sku: {
    name: sku
  }
  zones: zoneRedundant ? ['1', '2', '3'] : null
  properties: {
    publicIPAllocationMethod: 'Static'
    publicIPAddressVersion: 'IPv4'
  }
}

resource natGateway 'Microsoft.Network/natGateways@2025-05-01' = {
  name: name
  location: location
  tags: withKept(tags, keptTags)
  sku: {
    name: sku
  }
  properties: {
    idleTimeoutInMinutes: 4
    ...others
    publicIpAddresses: concat(
      [
        {
          id: publicIpAddress.id
        }
      ],
      others.?publicIpAddresses ?? []
    )
  }
}

#disable-next-line use-recent-api-versions // The newest stable version has no category groups.
resource diagnosticSetting 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: publicIpAddress
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logs: categories(['DDoSProtectionNotifications', 'DDoSMitigationFlowLogs', 'DDoSMitigationReports'])
  }
}

@description('Resource id of the NAT gateway.')
output resourceId string = natGateway.id
