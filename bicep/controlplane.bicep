// Stage 7, control plane: the FlowForge web app of one environment.

targetScope = 'subscription'

import { SignOnMethod, Tags } from 'types.bicep'

@description('Region of every resource.')
param location string

@description('Tags of the resources.')
param tags Tags

@description('Resource group of the environment.')
param resourceGroupName string

@description('Name of the App Service plan.')
param planName string

@description('Size of the App Service plan.')
param webPlanSize 'P0v3' | 'P1v3' | 'P2v3' | 'P3v3'

@description('Whether the plan is spread over the zones of the region.')
param zoneRedundant bool

@description('Name of the web app.')
param siteName string

@description('Repository and tag or digest of the image.')
@maxLength(255)
param webImage string

@description('Registry that the image is pulled from.')
param registryHost string

@description('Virtual network of the environment.')
param networkName string

@description('Subnet that the outbound traffic of the app goes through.')
param subnetName string

@description('Identity of the app.')
param identityName string

@description('Application (client) id of the identity of the app.')
param identityClientId string

@description('Path that answers when the app is well.')
param healthPath string

@description('Environment variables of the app.')
param settings { *: string }

@description('Name of the key vault of the environment.')
param keyVaultName string

@description('Where the key vault answers.')
param keyVaultUri string

@description('How people sign in.')
param signOnMethod SignOnMethod

@description('Issuer of the tokens that people sign in with.')
param signOnIssuer string

@description('Application (client) id of the app registration; only with one.')
param signOnClientId string?

@description('Client secret of the app registration; only with sign-on by secret.')
@secure()
param signOnClientSecret string?

@description('Identity that stands in for a client secret; only with secretless sign-on.')
param authIdentityName string?

@description('Application (client) id of that identity; only with secretless sign-on.')
param authIdentityClientId string?

@description('Name under which the client secret is kept in the key vault.')
var keptName = 'sign-on-client-secret'

@description('Name that App Service gives to the setting through which an identity stands in for a client secret.')
var identitySettingName = 'OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID'

@description('Name of the setting that refers to the client secret in the key vault.')
var keptSettingName = 'MICROSOFT_PROVIDER_AUTHENTICATION_SECRET'

@description('Settings that sign-on needs.')
var signOnSettings = signOnMethod == 'secretless'
  ? { '${identitySettingName}': authIdentityClientId! }
  : signOnMethod == 'secret'
      ? { '${keptSettingName}': '@Microsoft.KeyVault(SecretUri=${keyVaultUri}secrets/${keptName})' }
      : {}

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' existing = {
  name: resourceGroupName
}

module clientSecret 'modules/vault-value.bicep' = if (signOnMethod == 'secret') {
  scope: group
  params: {
    vaultName: keyVaultName
    name: keptName
    value: signOnClientSecret!
  }
}

module plan 'modules/web-plan.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    name: planName
    size: webPlanSize
    zoneRedundant: zoneRedundant
  }
}

module app 'modules/web-app.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    name: siteName
    planName: planName
    image: '${registryHost}/${webImage}'
    subnetId: resourceId(
      subscription().subscriptionId,
      resourceGroupName,
      'Microsoft.Network/virtualNetworks/subnets',
      networkName,
      subnetName
    )
    identityName: identityName
    identityClientId: identityClientId
    authIdentityName: authIdentityName
    settings: { ...settings, ...signOnSettings }
    healthPath: healthPath
    signOnMethod: signOnMethod
    signOnClientId: signOnClientId
    signOnIssuer: signOnIssuer
    credentialSettingName: signOnMethod == 'secret' ? keptSettingName : identitySettingName
  }
  dependsOn: [
    clientSecret
    plan
  ]
}

@description('Host name of the web app.')
output host string = app.outputs.host
