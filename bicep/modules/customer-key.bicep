// Azure Resource Manager creates a key once and never changes it: learn.microsoft.com/rest/api/keyvault/keyvault/keys/create-if-not-exist

metadata name = 'Customer-managed key'
metadata description = 'A key with a rotation policy, and the role of the identity with which services use it.'

@description('Name of the key vault.')
param vaultName string

@description('Name of the key.')
param keyName string

@description('Name of the user-assigned identity, in the same resource group.')
param identityName string

@description('Built-in role Key Vault Crypto Service Encryption User.')
var roleId = 'e147488a-f6f5-4113-8e2d-b22465e65bf6'

resource vault 'Microsoft.KeyVault/vaults@2026-02-01' existing = {
  name: vaultName
}

resource userIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource key 'Microsoft.KeyVault/vaults/keys@2026-02-01' = {
  parent: vault
  name: keyName
  properties: {
    kty: 'RSA'
    keySize: 4096
    keyOps: ['wrapKey', 'unwrapKey']
    attributes: {
      enabled: true
    }
    // No expiry: a database with an expired key becomes inaccessible.
    rotationPolicy: {
      lifetimeActions: [
        {
          trigger: {
            timeAfterCreate: 'P1Y'
          }
          action: {
            type: 'rotate'
          }
        }
      ]
    }
  }
}

resource roleAssignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: key
  name: guid(key.id, userIdentity.id, roleId)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleId)
    principalId: userIdentity.properties.principalId
    principalType: 'ServicePrincipal'
  }
}

@description('Resource id of the key.')
output resourceId string = key.id
