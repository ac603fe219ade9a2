metadata name = 'Web app'
metadata description = 'The FlowForge web app on App Service: a Linux container with Entra sign-on.'

import { SignOnMethod, Site } from '../types.bicep'
import { AppService } from '../types/controlplane.bicep'

@description('The environment.')
param site Site

@description('App Service settings of the app.')
param service AppService

@description('Image, including its registry.')
param image string

@description('Name of the managed identity of the app.')
param identityName string

@description('Application (client) id of the identity of the app.')
param identityClientId string

@description('Name of the managed identity that replaces the client secret; null without secretless sign-on.')
param authIdentityName string?

@description('Environment variables of the app.')
param settings { *: string }

@description('Whether others have added app settings. Without any, what-if shows the settings, none of which is secret.')
param keepsSettings bool

@description('App settings that others have added, which a redeployment must not remove.')
@secure()
param keptSettings { *: string }

@description('Whether others have added app settings to the staging slot.')
param keepsSlotSettings bool

@description('App settings that others have added to the staging slot.')
@secure()
param keptSlotSettings { *: string }

@description('Names of settings of others that stay with their slot: JSON text; null for none.')
param keptSlotNames string?

@description('Health check path of the app.')
param healthPath string

@description('Sign-on method of the web app.')
param signOnMethod SignOnMethod

@description('Application (client) id of the app registration; null without one.')
param signOnClientId string?

@description('Issuer of the tokens that users sign in with.')
param signOnIssuer string

@description('Name of the app setting with the credential of the app registration.')
param credentialSettingName string

@description('Whether to create a staging slot.')
param stagingSlot bool

@description('Names of the environment variables that lead to data; they stay with their slot in a swap.')
param dataSettingNames string[]

@description('Whether the staging slot works with the data of the environment.')
param slotHasData bool

@description('Identity provider of the sign-on; disabled until sign-on is configured, so that every request is rejected.')
var identityProviders = signOnMethod == 'later'
  ? {
      azureActiveDirectory: {
        enabled: false
      }
    }
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

@description('Sign-on, the same for the app and its staging slot: a swap starts by applying that of the app to the slot.')
var authProperties = {
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

@description('Names of settings of others that stay with their slot.')
var slotNames = json(keptSlotNames ?? '{}')

@description('Environment variables of the staging slot.')
var slotSettings = toObject(
  filter(items(settings), setting => slotHasData || !contains(dataSettingNames, setting.key)),
  setting => setting.key,
  setting => setting.value
)

resource plan 'Microsoft.Web/serverfarms@2025-03-01' existing = {
  name: service.planName
}

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource authIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = if (authIdentityName != null) {
  name: authIdentityName!
}

@description('Properties that the app and its staging slot share.')
var sharedProperties = {
  serverFarmId: plan.id
  reserved: true
  httpsOnly: true
  clientAffinityEnabled: false
  clientCertEnabled: false
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
    remoteDebuggingEnabled: false
    minTlsVersion: '1.2'
    scmMinTlsVersion: '1.2'
  }
}

resource webApp 'Microsoft.Web/sites@2025-03-01' = {
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
  // No public access until sign-on is configured.
  properties: {
    ...sharedProperties
    publicNetworkAccess: service.publicAccess && signOnMethod != 'later' ? 'Enabled' : 'Disabled'
  }

  // The only resource that writes app settings: each write replaces all of them.
  resource appSettings 'config' = {
    name: 'appsettings'
    properties: keepsSettings ? { ...keptSettings, ...settings } : settings
  }

  resource authSettings 'config' = {
    name: 'authsettingsV2'
    properties: authProperties
    dependsOn: [
      appSettings
    ]
  }

  // Settings that stay with the slot in a swap.
  resource slotSettingNames 'config' = {
    name: 'slotConfigNames'
    properties: {
      ...slotNames
      appSettingNames: concat(
        [
          credentialSettingName
          'FLOWFORGE_SLOT'
        ],
        dataSettingNames,
        slotNames.?appSettingNames ?? []
      )
    }
    dependsOn: [
      authSettings
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

// Everyone in the network reaches the slot through its private endpoint, so it has the sign-on of the app.
resource slot 'Microsoft.Web/sites/slots@2025-03-01' = if (stagingSlot) {
  parent: webApp
  name: 'staging'
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
  properties: {
    ...sharedProperties
    publicNetworkAccess: 'Disabled'
  }
  dependsOn: [
    webApp::slotSettingNames
  ]

  resource slotAppSettings 'config' = {
    name: 'appsettings'
    properties: keepsSlotSettings
      ? { ...keptSlotSettings, ...slotSettings, FLOWFORGE_SLOT: 'staging' }
      : { ...slotSettings, FLOWFORGE_SLOT: 'staging' }
  }

  resource slotAuthSettings 'config' = {
    name: 'authsettingsV2'
    properties: authProperties
    dependsOn: [
      slotAppSettings
    ]
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
output host string = webApp.properties.defaultHostName

@description('Resource id of the web app.')
output resourceId string = webApp.id
