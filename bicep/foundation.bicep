// Stage 1, foundation: resource groups, identities, Log Analytics, key vaults, registry.

targetScope = 'subscription'

import { EnvironmentPrincipals, FoundationEnvironment, Tags } from 'types.bicep'

@description('Region of every resource.')
param location string

@description('Tags of the shared resources.')
param tags Tags

@description('Resource group of what all environments share.')
param platformGroupName string

@description('Name of the Log Analytics workspace.')
param workspaceName string

@description('Name of the container registry.')
param registryName string

@description('Identity that administers the database server.')
param databaseAdministratorName string

@description('The environments.')
param environments FoundationEnvironment[]

resource platformGroup 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: platformGroupName
  location: location
  tags: tags
}

resource environmentGroups 'Microsoft.Resources/resourceGroups@2025-04-01' = [
  for environment in environments: {
    name: environment.resourceGroupName
    location: location
    tags: environment.tags
  }
]

module workspace 'modules/workspace.bicep' = {
  scope: platformGroup
  params: {
    location: location
    tags: tags
    name: workspaceName
  }
}

module registry 'modules/registry.bicep' = {
  scope: platformGroup
  params: {
    location: location
    tags: tags
    name: registryName
  }
}

module databaseAdministrator 'modules/identity.bicep' = {
  scope: platformGroup
  params: {
    location: location
    tags: tags
    name: databaseAdministratorName
  }
}

module identities 'modules/identities.bicep' = [
  for (environment, i) in environments: {
    scope: environmentGroups[i]
    params: {
      location: location
      tags: environment.tags
      identities: environment.identities
    }
  }
]

module vaults 'modules/vault.bicep' = [
  for (environment, i) in environments: {
    scope: environmentGroups[i]
    params: {
      location: location
      tags: environment.tags
      name: environment.keyVaultName
    }
  }
]

@description('Object id of the identity that administers the database server.')
output databaseAdministratorPrincipalId string = databaseAdministrator.outputs.principalId

@description('Identities of each environment.')
output environmentPrincipals EnvironmentPrincipals[] = [
  for (environment, i) in environments: {
    name: environment.name
    principals: identities[i].outputs.principals
  }
]
