metadata name = 'Container App sign-on'
metadata description = 'Entra sign-on for a web app on Container Apps; every request is rejected until it is configured.'

import { SignOnMethod } from '../types.bicep'

@description('Name of the app.')
param appName string

@description('Sign-on method of the web app.')
param signOnMethod SignOnMethod

@description('Application (client) id of the app registration; null without one.')
param signOnClientId string?

@description('Issuer of the tokens that users sign in with.')
param signOnIssuer string

@description('Health check path of the app, which needs no authentication.')
param healthPath string

@description('Whether the web app is behind the gateway of the installation, which sets X-Forwarded-Host.')
param behindProxy bool

resource containerApp 'Microsoft.App/containerApps@2025-07-01' existing = {
  name: appName
}

resource authConfig 'Microsoft.App/containerApps/authConfigs@2025-07-01' = {
  parent: containerApp
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
                  : 'override-use-mi-fic-assertion-client-id'
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

@description('Resource id of the sign-on configuration.')
output resourceId string = authConfig.id
