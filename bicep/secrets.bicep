// Stage 6, secrets: what one environment keeps in its key vault. Only what is new or changed is sent, for each writing
// makes a new version.

targetScope = 'subscription'

@description('Subscription that the environment is built in.')
param subscriptionId string

@description('Resource group of the environment.')
param resourceGroupName string

@description('Name of its key vault.')
param keyVaultName string

@description('Names of the secrets that are written.')
param names string[]

@secure()
@description('Their values, by name.')
param values { *: string }

module kept 'modules/vault-values.bicep' = {
  scope: resourceGroup(subscriptionId, resourceGroupName)
  params: {
    vaultName: keyVaultName
    names: names
    values: values
  }
}
