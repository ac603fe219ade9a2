// The container registry. Only Entra identities pull and push: no admin user, no anonymous pull.

import { Tags } from '../types.bicep'

@description('Region of the registry.')
param location string

@description('Tags of the registry.')
param tags Tags

@description('Name of the registry.')
param name string

@description('Whether it answers only through private endpoints, which needs the Premium tier.')
param privateRegistry bool

resource registry 'Microsoft.ContainerRegistry/registries@2025-11-01' = {
  name: name
  location: location
  tags: tags
  sku: {
    name: privateRegistry ? 'Premium' : 'Standard'
  }
  properties: {
    adminUserEnabled: false
    anonymousPullEnabled: false
    roleAssignmentMode: 'LegacyRegistryPermissions'
    publicNetworkAccess: privateRegistry ? 'Disabled' : 'Enabled'
    // Azure's own services, which import images for us, come in by their identity.
    networkRuleBypassOptions: 'AzureServices'
  }
}
