metadata name = 'Identity operator'
metadata description = 'Role assignment to attach a managed identity to nodes.'

@description('Name of the managed identity to attach.')
param identityName string

@description('Object id of the identity that attaches it.')
param principalId string

@description('Built-in role Managed Identity Operator.')
var roleId = 'f1a07417-d97a-45cb-824c-7a7467783830'

resource managedIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource roleAssignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: managedIdentity
  name: guid(managedIdentity.id, principalId, roleId)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleId)
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}

@description('Resource id of the role assignment.')
output resourceId string = roleAssignment.id
