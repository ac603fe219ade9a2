// The FlowForge web app: a Linux container pulled by a managed identity, behind sign-on with Entra accounts.

import { SignOnMethod, Tags } from '../types.bicep'

@description('Region of the app.')
param location string

@description('Tags of the app.')
param tags Tags

@description('Name of the app.')
param name string

@description('App Service plan.')
param planName string

@description('Image, with its registry.')
param image string

@description('Subnet that its outbound traffic goes through.')
param subnetId string

@description('Identity of the app.')
param identityName string

@description('Application (client) id of the identity of the app.')
param identityClientId string

@description('Identity that stands in for a client secret, if sign-on uses one.')
param authIdentityName string?

@description('Environment variables of the app.')
param settings { *: string }

@description('Path that answers when the app is well.')
param healthPath string

@description('How people sign in.')
param signOnMethod SignOnMethod

@description('Application (client) id of the app registration, if there is one.')
param signOnClientId string?

@description('Issuer of the tokens that people sign in with.')
param signOnIssuer string

@description('Setting that holds, or stands for, the credential of the app registration.')
param credentialSettingName string?

@description('The registration that people sign in with; without one, everybody is turned away.')
var identityProviders = signOnMethod == 'later'
  ? {}
  : {
      azureActiveDirectory: {
        enabled: true
        registration: {
          openIdIssuer: signOnIssuer
          clientId: signOnClientId!
          clientSecretSettingName: credentialSettingName!
        }
        validation: {
          allowedAudiences: [
            'api://${signOnClientId!}'
            signOnClientId!
          ]
        }
      }
    }

resource plan 'Microsoft.Web/serverfarms@2025-03-01' existing = {
  name: planName
}

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource authIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = if (authIdentityName != null) {
  name: authIdentityName!
}

resource site 'Microsoft.Web/sites@2025-03-01' = {
  name: name
  location: location
  tags: tags
  kind: 'app,linux,container'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identity.id}': {}
      ...(authIdentityName == null ? {} : { '${authIdentity.id}': {} })
    }
  }
  properties: {
    serverFarmId: plan.id
    reserved: true
    httpsOnly: true
    clientAffinityEnabled: false
    // Until sign-on is set up, nobody comes in.
    publicNetworkAccess: signOnMethod == 'later' ? 'Disabled' : 'Enabled'
    keyVaultReferenceIdentity: identity.id
    virtualNetworkSubnetId: subnetId
    outboundVnetRouting: {
      allTraffic: true
    }
    siteConfig: {
      linuxFxVersion: 'DOCKER|${image}'
      acrUseManagedIdentityCreds: true
      acrUserManagedIdentityID: identityClientId
      alwaysOn: true
      ftpsState: 'Disabled'
      healthCheckPath: healthPath
      http20Enabled: true
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
    }
  }

  // The only writer of settings: each write replaces them all.
  resource appSettings 'config' = {
    name: 'appsettings'
    properties: settings
  }

  resource auth 'config' = {
    name: 'authsettingsV2'
    properties: {
      platform: {
        enabled: true
      }
      globalValidation: {
        requireAuthentication: true
        unauthenticatedClientAction: signOnMethod == 'later' ? 'Return401' : 'RedirectToLoginPage'
        excludedPaths: [
          healthPath
        ]
        ...(signOnMethod == 'later' ? {} : { redirectToProvider: 'azureactivedirectory' })
      }
      identityProviders: identityProviders
      httpSettings: {
        requireHttps: true
      }
      login: {
        tokenStore: {
          enabled: true
        }
      }
    }
    dependsOn: [
      appSettings
    ]
  }

  resource ftpPublishing 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: {
      allow: false
    }
  }

  resource scmPublishing 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: {
      allow: false
    }
  }
}

@description('Host name of the app.')
output host string = site.properties.defaultHostName
