metadata name = 'Key vault readers'
metadata description = 'Role assignments to read the secrets of a key vault.'

@description('Name of the vault.')
param vaultName string

@description('Object ids of the identities that read secrets.')
param principalIds string[]

@description('Built-in role Key Vault Secrets User.')
var roleId = '4633458b-17de-408a-b874-0445c86b69e6'

resource vault 'Microsoft.KeyVault/vaults@2026-02-01' existing = {
  name: vaultName
}

resource roleAssignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for principalId in principalIds: {
    scope: vault
    name: guid(vault.id, principalId, roleId)
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
