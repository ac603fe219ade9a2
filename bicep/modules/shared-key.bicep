metadata name = 'Shared customer-managed key'
metadata description = 'A key vault for the key of the shared resources, the key and the identity that uses it.'

import { Tags } from '../types.bicep'
import { SharedKey } from '../types/foundation.bicep'
import { categoryGroup, deleteLock } from '../types/interfaces.bicep'

@description('Region of the vault and the identity.')
param location string

@description('Tags of the vault and the identity.')
param tags Tags

@description('The key.')
param sharedKey SharedKey

@description('Days that deleted keys are retained (soft delete); cannot be changed after creation.')
@minValue(7)
@maxValue(90)
param softDeleteDays int

@description('Whether the vault allows public network access.')
param publicAccess bool

@description('Resource id of the Log Analytics workspace.')
param workspaceId string

@description('Public access that others have switched off: JSON text; null for none.')
param keptAccess string?

@description('Access rules of others: JSON text; null for none.')
param keptRules string?

@description('Tags of others: JSON text; null for none.')
param keptTags string?

@description('Name of the lock on the key vault; null for no lock.')
param lockName string?

module keyIdentity 'identity.bicep' = {
  params: {
    location: location
    tags: tags
    name: sharedKey.identityName
  }
}

module keyVault 'vault.bicep' = {
  params: {
    location: location
    tags: tags
    name: sharedKey.vaultName
    softDeleteDays: softDeleteDays
    publicAccess: publicAccess
    keptRules: keptRules
    keptAccess: keptAccess
    keptTags: keptTags
  }
}

module customerKey 'customer-key.bicep' = {
  params: {
    vaultName: sharedKey.vaultName
    keyName: sharedKey.keyName
    identityName: sharedKey.identityName
  }
  dependsOn: [
    keyIdentity
    keyVault
  ]
}

resource vault 'Microsoft.KeyVault/vaults@2026-02-01' existing = {
  name: sharedKey.vaultName
}

#disable-next-line use-recent-api-versions // The newest stable version has no category groups.
resource diagnosticSetting 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: vault
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logs: categoryGroup('audit')
  }
  dependsOn: [
    keyVault
  ]
}

resource vaultLock 'Microsoft.Authorization/locks@2020-05-01' = if (lockName != null) {
  scope: vault
  name: lockName!
  properties: deleteLock('the encryption key is')
  dependsOn: [
    customerKey
  ]
}

@description('Resource id of the identity that uses the key.')
output identityId string = keyIdentity.outputs.resourceId

@description('Application (client) id of the identity that uses the key.')
output clientId string = keyIdentity.outputs.clientId
