metadata name = 'DNS zone contributor'
metadata description = 'Role assignment to write records and links of a private DNS zone.'

@description('Name of the zone.')
param zoneName string

@description('Object id of the identity that writes to the zone.')
param principalId string

@description('Built-in role Private DNS Zone Contributor.')
var roleId = 'b12aa53e-6015-4669-85d0-8515ebb3ae7f'

resource zone 'Microsoft.Network/privateDnsZones@2024-06-01' existing = {
  name: zoneName
}

resource roleAssignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: zone
  name: guid(zone.id, principalId, roleId)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleId)
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}

@description('Resource id of the role assignment.')
output resourceId string = roleAssignment.id
