// The FlowForge web app: a Linux container pulled by a managed identity, behind sign-on with Entra accounts.

import { SignOnMethod, Site } from '../types.bicep'
import { AppService } from '../types/controlplane.bicep'

@description('The environment.')
param site Site

@description('Where and how the app runs.')
param service AppService

@description('Image, with its registry.')
param image string

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
param credentialSettingName string

@description('Whether there is a second copy to try a new version on.')
param stagingSlot bool

@description('The registration that people sign in with; without one, everybody is turned away.')
var identityProviders = signOnMethod == 'later'
  ? {}
  : {
      azureActiveDirectory: {
        enabled: true
        registration: {
          openIdIssuer: signOnIssuer
          clientId: signOnClientId!
          clientSecretSettingName: credentialSettingName
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
  name: service.planName
}

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource authIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = if (authIdentityName != null) {
  name: authIdentityName!
}

@description('What the app and its staging slot have in common.')
var common = {
  serverFarmId: plan.id
  reserved: true
  httpsOnly: true
  clientAffinityEnabled: false
  keyVaultReferenceIdentity: identity.id
  ...(service.?subnetId == null
    ? {}
    : {
        virtualNetworkSubnetId: service.subnetId!
        outboundVnetRouting: {
          allTraffic: true
        }
      })
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

resource app 'Microsoft.Web/sites@2025-03-01' = {
  name: service.siteName
  location: site.location
  tags: site.tags
  kind: 'app,linux,container'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identity.id}': {}
      ...(authIdentityName == null ? {} : { '${authIdentity.id}': {} })
    }
  }
  // Until sign-on is set up, nobody comes in from outside.
  properties: {
    ...common
    publicNetworkAccess: service.publicAccess && signOnMethod != 'later' ? 'Enabled' : 'Disabled'
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
        forwardProxy: {
          convention: service.behindProxy ? 'Standard' : 'NoProxy'
        }
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

  // What stays with the app when the slots are swapped.
  resource sticky 'config' = {
    name: 'slotConfigNames'
    properties: {
      appSettingNames: [
        credentialSettingName
        'FLOWFORGE_SLOT'
      ]
    }
    dependsOn: [
      auth
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

// Reached only by its private endpoint: so it has no sign-on of its own.
resource staging 'Microsoft.Web/sites/slots@2025-03-01' = if (stagingSlot) {
  parent: app
  name: 'staging'
  location: site.location
  tags: site.tags
  kind: 'app,linux,container'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identity.id}': {}
    }
  }
  properties: {
    ...common
    publicNetworkAccess: 'Disabled'
  }
  dependsOn: [
    app::sticky
  ]

  resource slotSettings 'config' = {
    name: 'appsettings'
    properties: { ...settings, FLOWFORGE_SLOT: 'staging' }
  }

  resource slotFtpPublishing 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: {
      allow: false
    }
  }

  resource slotScmPublishing 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: {
      allow: false
    }
  }
}

@description('Host name of the app.')
output host string = app.properties.defaultHostName
