// Who may hand an identity to machines.

@description('Name of the identity that is handed on.')
param identityName string

@description('Object id of the identity that hands it on.')
param principalId string

@description('Built-in role Managed Identity Operator.')
var roleId = 'f1a07417-d97a-45cb-824c-7a7467783830'

resource userAssigned 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: userAssigned
  name: guid(userAssigned.id, principalId, roleId)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleId)
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}
