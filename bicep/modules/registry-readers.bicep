metadata name = 'Registry readers'
metadata description = 'Role assignments to pull images from the registry.'

@description('Name of the registry.')
param registryName string

@description('Object ids of the identities that pull images.')
param principalIds string[]

@description('Built-in role AcrPull.')
var roleId = '7f951dda-4ed3-4680-a7ca-43fe172d538d'

resource registry 'Microsoft.ContainerRegistry/registries@2025-11-01' existing = {
  name: registryName
}

resource roleAssignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for principalId in principalIds: {
    scope: registry
    name: guid(registry.id, principalId, roleId)
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleId)
      principalId: principalId
      principalType: 'ServicePrincipal'
    }
  }
]

@description('Resource ids of the role assignments, in the order of the parameter.')
output resourceIds string[] = [
  for (principalId, i) in principalIds: roleAssignments[i].id
]
