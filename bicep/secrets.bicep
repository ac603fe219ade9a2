// Only new or changed values are sent, because every write creates a new version.

metadata name = 'Stage 6: secrets'
metadata description = 'The secrets in the key vault of one environment.'

targetScope = 'subscription'

@description('Subscription of the environment.')
param subscriptionId string

@description('Resource group of the environment.')
param resourceGroupName string

@description('Name of the key vault.')
param keyVaultName string

@description('Names of the secrets to write.')
param names string[]

@secure()
@description('Values of the secrets, by name.')
param values { *: string }

@description('Expiry of the secrets, in seconds since 1970; omitted for never.')
param expires int?

module kept 'modules/vault-values.bicep' = {
  scope: resourceGroup(subscriptionId, resourceGroupName)
  params: {
    vaultName: keyVaultName
    names: names
    values: values
    expires: expires
  }
}
