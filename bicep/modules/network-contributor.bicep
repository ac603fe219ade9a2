metadata name = 'Network contributor'
metadata description = 'Role assignment to link a network to a private DNS zone.'

@description('Name of the network.')
param networkName string

@description('Object id of the identity that links the network.')
param principalId string

@description('Built-in role Network Contributor.')
var roleId = '4d97b98b-1d4f-4787-a291-c67834d212e7'

resource network 'Microsoft.Network/virtualNetworks@2025-05-01' existing = {
  name: networkName
}

resource roleAssignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: network
  name: guid(network.id, principalId, roleId)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleId)
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}

@description('Resource id of the role assignment.')
output resourceId string = roleAssignment.id
