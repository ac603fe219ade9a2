metadata name = 'Stage 1: foundation'
metadata description = 'Resource groups, managed identities, Log Analytics, key vaults and the container registry.'

targetScope = 'subscription'

import { EnvironmentPrincipals, KeptByOthers, Locks, Tags, withKept } from 'types.bicep'
import { FoundationEnvironment, SharedKey } from 'types/foundation.bicep'

@description('Region of the shared resources.')
param location string

@description('Tags of the shared resources.')
param tags Tags

@description('Resource group of the shared resources.')
param platformGroupName string

@description('Name of the Log Analytics workspace.')
param workspaceName string

@description('Log retention, in days.')
@minValue(30)
@maxValue(730)
param retentionDays int

@description('Daily cap of the Log Analytics workspace, in GB; 0 for none.')
@minValue(0)
@maxValue(5000)
param dailyCapGb int

@description('Whether the Log Analytics workspace accepts telemetry from public networks.')
param publicIngestion bool

@description('Name of the container registry.')
param registryName string

@description('Whether the registry is reachable only through private endpoints; omitted with public endpoints.')
param privateRegistry bool?

@description('Customer-managed key of the shared resources; omitted for keys managed by Azure.')
param sharedKey SharedKey?

@description('Days that deleted secrets are retained (soft delete).')
@minValue(7)
@maxValue(90)
param softDeleteDays int

@description('Whether key vaults allow public network access.')
param publicAccess bool

@description('Scope of the delete locks.')
param locks Locks

@description('Name of every lock.')
param lockName string

@description('The environments.')
param environments FoundationEnvironment[]

@description('Settings of others, which a redeployment must not remove.')
param kept KeptByOthers?

resource platformGroup 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: platformGroupName
  location: location
  tags: withKept(tags, kept[?'tags/resourceGroups/${platformGroupName}'])
}

module environmentGroups 'modules/group.bicep' = [
  for environment in environments: {
    scope: subscription(environment.site.subscriptionId)
    params: {
      name: environment.site.resourceGroupName
      location: environment.site.location
      tags: environment.site.tags
      keptTags: kept[?'tags/resourceGroups/${environment.site.resourceGroupName}']
    }
  }
]

module workspace 'modules/workspace.bicep' = {
  scope: platformGroup
  params: {
    location: location
    tags: tags
    name: workspaceName
    retentionDays: retentionDays
    dailyCapGb: dailyCapGb
    publicIngestion: publicIngestion
    keptTags: kept[?'tags/workspaces/${workspaceName}']
    keptTier: kept[?'workspaces/${workspaceName}']
  }
}

module sharedKeys 'modules/shared-key.bicep' = if (sharedKey != null) {
  scope: platformGroup
  params: {
    location: location
    tags: tags
    sharedKey: sharedKey!
    softDeleteDays: softDeleteDays
    publicAccess: publicAccess
    workspaceId: workspace.outputs.resourceId
    keptRules: kept[?'vaults/${sharedKey!.vaultName}']
    keptAccess: kept[?'vaults/${sharedKey!.vaultName}/access']
    keptTags: kept[?'tags/vaults/${sharedKey!.vaultName}']
    lockName: locks == 'data' ? lockName : null
  }
}

// With a customer-managed key, Azure refuses the registry until the role at the key is in effect; the installer retries.
module registry 'modules/registry.bicep' = {
  scope: platformGroup
  params: {
    location: location
    tags: tags
    name: registryName
    privateRegistry: privateRegistry ?? false
    keptRules: kept[?'registries/${registryName}']
    keptAccess: kept[?'registries/${registryName}/access']
    keptTags: kept[?'tags/registries/${registryName}']
    workspaceId: workspace.outputs.resourceId
    encryption: sharedKey == null
      ? null
      : {
          identityId: sharedKeys!.outputs.identityId
          clientId: sharedKeys!.outputs.clientId
          keyUri: '${sharedKey!.vaultUri}keys/${sharedKey!.keyName}'
        }
  }
}

module identities 'modules/identities.bicep' = [
  for (environment, i) in environments: {
    scope: resourceGroup(environment.site.subscriptionId, environment.site.resourceGroupName)
    params: {
      location: environment.site.location
      tags: environment.site.tags
      identities: environment.identities
    }
    dependsOn: [
      environmentGroups[i]
    ]
  }
]

module vaults 'modules/vault.bicep' = [
  for (environment, i) in environments: {
    scope: resourceGroup(environment.site.subscriptionId, environment.site.resourceGroupName)
    params: {
      location: environment.site.location
      tags: environment.site.tags
      name: environment.keyVaultName
      softDeleteDays: softDeleteDays
      publicAccess: publicAccess
      keptRules: kept[?'vaults/${environment.keyVaultName}']
      keptAccess: kept[?'vaults/${environment.keyVaultName}/access']
      keptTags: kept[?'tags/vaults/${environment.keyVaultName}']
    }
    dependsOn: [
      environmentGroups[i]
    ]
  }
]

module customerKeys 'modules/customer-key.bicep' = [
  for (environment, i) in environments: if (environment.?customerKey != null) {
    scope: resourceGroup(environment.site.subscriptionId, environment.site.resourceGroupName)
    params: {
      vaultName: environment.keyVaultName
      keyName: environment.customerKey!.keyName
      identityName: environment.customerKey!.identityName
    }
    dependsOn: [
      identities[i]
      vaults[i]
    ]
  }
]

@description('Identities of each environment.')
output environmentPrincipals EnvironmentPrincipals[] = [
  for (environment, i) in environments: {
    name: environment.site.name
    principals: identities[i].outputs.principals
  }
]
