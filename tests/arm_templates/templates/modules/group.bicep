targetScope = 'subscription'
param suffix string
param location string = deployment().location

resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: 'rg-${suffix}'
  location: location
  tags: { subscription: subscription().subscriptionId, tenant: tenant().tenantId }
}

module inside 'identity.bicep' = {
  scope: group
  name: 'inside-${suffix}'
  params: { name: 'id-${suffix}', secret: 'literal' }
}

output groupName string = group.name
output principalId string = inside.outputs.principalId
output where string = group.location
