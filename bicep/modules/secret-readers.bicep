metadata name = 'Secret readers'
metadata description = 'Role assignments to read single secrets of a key vault, or certificates with their private keys.'

import { SecretReader } from '../types/grants.bicep'

@description('Name of the vault.')
param vaultName string

@description('The secrets, which exist, and their readers.')
param readers SecretReader[]

@description('Built-in role Key Vault Secrets User.')
var roleId = '4633458b-17de-408a-b874-0445c86b69e6'

resource vault 'Microsoft.KeyVault/vaults@2026-02-01' existing = {
  name: vaultName
}

resource secrets 'Microsoft.KeyVault/vaults/secrets@2026-02-01' existing = [
  for reader in readers: {
    parent: vault
    name: reader.secretName
  }
]

resource roleAssignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (reader, i) in readers: {
    scope: secrets[i]
    name: guid(secrets[i].id, reader.principalId, roleId)
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleId)
      principalId: reader.principalId
      principalType: 'ServicePrincipal'
    }
  }
]

@description('Resource ids of the role assignments, in the order of the parameter.')
output resourceIds string[] = [
  for (reader, i) in readers: roleAssignments[i].id
]
