// A key vault that is reached through private endpoints and read by role.

import { Tags } from '../types.bicep'

@description('Region of the vault.')
param location string

@description('Tags of the vault.')
param tags Tags

@description('Name of the vault.')
param name string

resource vault 'Microsoft.KeyVault/vaults@2026-02-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: {
      family: 'A'
      name: 'standard'
    }
    enableRbacAuthorization: true
    enableSoftDelete: true
    // 90 days is the service's own default; the value is fixed at creation.
    softDeleteRetentionInDays: 90
    enablePurgeProtection: true
    publicNetworkAccess: 'Disabled'
    networkAcls: {
      bypass: 'AzureServices'
      defaultAction: 'Deny'
    }
  }
}
