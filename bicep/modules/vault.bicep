// A key vault that is read by role, through private endpoints unless there are none.

import { Tags } from '../types.bicep'

@description('Region of the vault.')
param location string

@description('Tags of the vault.')
param tags Tags

@description('Name of the vault.')
param name string

@description('Days in which what was deleted can be brought back; fixed at creation.')
param softDeleteDays int

@description('Whether it is reached from public addresses, by those who may.')
param publicAccess bool

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
    softDeleteRetentionInDays: softDeleteDays
    enablePurgeProtection: true
    publicNetworkAccess: publicAccess ? 'Enabled' : 'Disabled'
    networkAcls: {
      bypass: 'AzureServices'
      defaultAction: publicAccess ? 'Allow' : 'Deny'
    }
  }
}
