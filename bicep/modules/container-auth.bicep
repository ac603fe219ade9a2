// Sign-on with Entra accounts before a web app that is a Container App; until it is set up, everybody is turned away.

import { SignOnMethod } from '../types.bicep'

@description('Name of the app.')
param appName string

@description('How people sign in.')
param signOnMethod SignOnMethod

@description('Application (client) id of the app registration, if there is one.')
param signOnClientId string?

@description('Issuer of the tokens that people sign in with.')
param signOnIssuer string

@description('Path that answers when the app is well, to all.')
param healthPath string

@description('Whether a proxy of ours stands before it, which says by which name it was asked for.')
param behindProxy bool

resource app 'Microsoft.App/containerApps@2025-07-01' existing = {
  name: appName
}

resource auth 'Microsoft.App/containerApps/authConfigs@2025-07-01' = {
  parent: app
  name: 'current'
  properties: {
    platform: {
      enabled: true
    }
    globalValidation: {
      unauthenticatedClientAction: signOnMethod == 'later' ? 'Return401' : 'RedirectToLoginPage'
      excludedPaths: [
        healthPath
      ]
      ...(signOnMethod == 'later' ? {} : { redirectToProvider: 'azureactivedirectory' })
    }
    httpSettings: {
      requireHttps: true
      forwardProxy: {
        convention: behindProxy ? 'Standard' : 'NoProxy'
      }
    }
    ...(signOnMethod == 'later'
      ? {}
      : {
          identityProviders: {
            azureActiveDirectory: {
              enabled: true
              registration: {
                openIdIssuer: signOnIssuer
                clientId: signOnClientId!
                clientSecretSettingName: signOnMethod == 'secret'
                  ? 'microsoft-provider-authentication-secret'
                  : 'override-use-mi-fic-assertion-clientid'
              }
              validation: {
                allowedAudiences: [
                  'api://${signOnClientId!}'
                  signOnClientId!
                ]
              }
            }
          }
        })
  }
}
