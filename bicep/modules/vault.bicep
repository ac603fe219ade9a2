metadata name = 'Key vault'
metadata description = 'A key vault with Azure RBAC and purge protection.'

import { Tags, withKept } from '../types.bicep'

@description('Region of the vault.')
param location string

@description('Tags of the vault.')
param tags Tags

@description('Name of the vault.')
@minLength(3)
@maxLength(24)
param name string

@description('Days that deleted secrets are retained (soft delete); cannot be changed after creation.')
@minValue(7)
@maxValue(90)
param softDeleteDays int

@description('Whether public network access is allowed.')
param publicAccess bool

@description('Public access that others have switched off: JSON text; null for none.')
param keptAccess string?

@description('Access rules of others: JSON text; null for none.')
param keptRules string?

@description('Tags of others: JSON text; null for none.')
param keptTags string?

resource vault 'Microsoft.KeyVault/vaults@2026-02-01' = {
  name: name
  location: location
  tags: withKept(tags, keptTags)
  properties: {
    tenantId: tenant().tenantId
    sku: {
      family: 'A'
      name: 'standard'
    }
    enableRbacAuthorization: true
    enabledForDeployment: false
    enabledForDiskEncryption: false
    enabledForTemplateDeployment: false
    enableSoftDelete: true
    softDeleteRetentionInDays: softDeleteDays
    enablePurgeProtection: true
    publicNetworkAccess: publicAccess ? 'Enabled' : 'Disabled'
    ...json(keptAccess ?? '{}')
    networkAcls: {
      bypass: 'AzureServices'
      defaultAction: publicAccess ? 'Allow' : 'Deny'
      ...json(keptRules ?? '{}')
    }
  }
}

@description('Resource id of the key vault.')
output resourceId string = vault.id
