metadata name = 'Subnet joiner'
metadata description = 'Role assignment to join nodes and load balancers to a subnet.'

@description('Name of the network.')
param networkName string

@description('Name of the subnet.')
param subnetName string

@description('Object id of the identity that joins the subnet.')
param principalId string

@description('Built-in role Network Contributor.')
var roleId = '4d97b98b-1d4f-4787-a291-c67834d212e7'

resource network 'Microsoft.Network/virtualNetworks@2025-05-01' existing = {
  name: networkName

  resource subnet 'subnets' existing = {
    name: subnetName
  }
}

resource roleAssignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: network::subnet
  name: guid(network::subnet.id, principalId, roleId)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleId)
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}

@description('Resource id of the role assignment.')
output resourceId string = roleAssignment.id
