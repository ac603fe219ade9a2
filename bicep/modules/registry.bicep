metadata name = 'Container registry'
metadata description = 'The container registry, with Entra authentication only.'

import { Tags, withKept } from '../types.bicep'
import { categories } from '../types/interfaces.bicep'

@description('A customer-managed key of the registry.')
type RegistryEncryption = {
  @description('Resource id of the user-assigned identity that uses the key.')
  identityId: string
  @description('Application (client) id of that identity.')
  clientId: string
  @description('URI of the key, without version.')
  keyUri: string
}

@description('Region of the registry.')
param location string

@description('Tags of the registry.')
param tags Tags

@description('Name of the registry.')
@minLength(5)
@maxLength(50)
param name string

@description('Whether the registry is reachable only through private endpoints; requires the Premium tier.')
param privateRegistry bool

@description('Resource id of the Log Analytics workspace.')
param workspaceId string

@description('Customer-managed key, which requires the Premium tier; null for keys managed by Azure.')
param encryption RegistryEncryption?

@description('Public access that others have switched off: JSON text; null for none.')
param keptAccess string?

@description('Access rules of others: JSON text; null for none.')
param keptRules string?

@description('Tags of others: JSON text; null for none.')
param keptTags string?

resource registry 'Microsoft.ContainerRegistry/registries@2025-11-01' = {
  name: name
  location: location
  tags: withKept(tags, keptTags)
  sku: {
    name: privateRegistry || encryption != null ? 'Premium' : 'Standard'
  }
  identity: encryption == null
    ? null
    : {
        type: 'UserAssigned'
        userAssignedIdentities: {
          '${encryption!.identityId}': {}
        }
      }
  properties: {
    ...json(keptRules ?? '{}')
    adminUserEnabled: false
    anonymousPullEnabled: false
    dataEndpointEnabled: false
    roleAssignmentMode: 'LegacyRegistryPermissions'
    publicNetworkAccess: privateRegistry ? 'Disabled' : 'Enabled'
    ...json(keptAccess ?? '{}')
    // Nothing leaves a private registry for another one; Azure requires that public access is disabled.
    ...(privateRegistry ? { policies: { exportPolicy: { status: 'disabled' } } } : {})
    // Azure encrypts an existing registry in no other way than it was created with.
    ...(encryption == null
      ? {}
      : {
          encryption: {
            status: 'enabled'
            keyVaultProperties: {
              identity: encryption!.clientId
              keyIdentifier: encryption!.keyUri
            }
          }
        })
    // Trusted Azure services, which import images for the installer, connect with their identity.
    networkRuleBypassOptions: 'AzureServices'
  }
}

#disable-next-line use-recent-api-versions // The newest stable version has no category groups.
resource diagnosticSetting 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: registry
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logs: categories(['ContainerRegistryLoginEvents', 'ContainerRegistryRepositoryEvents'])
  }
}

@description('Resource id of the container registry.')
output resourceId string = registry.id
