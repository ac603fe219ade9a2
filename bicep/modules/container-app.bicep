metadata name = 'Container App'
metadata description = 'A Container App that pulls its image and reads its secrets with its own managed identity.'

import { Site } from '../types.bicep'
import { ContainerApp } from '../types/controlplane.bicep'

@description('The environment.')
param site Site

@description('Name of the Container Apps environment.')
param environmentName string

@description('Login server of the registry that the image is pulled from.')
param registryHost string

@description('The app.')
param app ContainerApp

@description('Application Insights connection string; null for no telemetry.')
param connection string?

@description('Name of the managed identity that replaces the client secret; null without secretless sign-on.')
param authIdentityName string?

@description('Application (client) id of that identity.')
param authIdentityClientId string?

@description('Host names and access rules of others: JSON text; null for none.')
param keptIngress string?

@description('Environment variables of others: JSON text; null for none.')
param keptVariables string?

@description('Secrets of the app, ordered by name.')
var secrets = items(app.secrets)

resource environment 'Microsoft.App/managedEnvironments@2025-07-01' existing = {
  name: environmentName
}

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: app.identityName
}

resource authIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = if (authIdentityName != null) {
  name: authIdentityName!
}

resource containerApp 'Microsoft.App/containerApps@2025-07-01' = {
  name: app.name
  location: site.location
  tags: site.tags
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identity.id}': {}
      ...(authIdentityName == null ? {} : { '${authIdentity.id}': {} })
    }
  }
  properties: {
    environmentId: environment.id
    workloadProfileName: app.profile
    configuration: {
      activeRevisionsMode: 'Single'
      dapr: {
        enabled: false
      }
      registries: [
        {
          server: registryHost
          identity: identity.id
        }
      ]
      secrets: concat(
        map(secrets, secret => {
          name: toLower(replace(secret.key, '_', '-'))
          keyVaultUrl: secret.value
          identity: identity.id
        }),
        // Not a secret: the service reads the client id of the managed identity from this entry, whose name it defines
        // (github.com/Azure-Samples/appservice-builtinauth-bicep, infra/appupdate.bicep).
        authIdentityName == null
          ? []
          : [
              {
                name: 'override-use-mi-fic-assertion-client-id'
                value: authIdentityClientId!
              }
            ]
      )
      ...(app.served
        ? {
            // "External" to the Container Apps environment, which itself is internal to the network.
            ingress: {
              ...json(keptIngress ?? '{}')
              external: true
              targetPort: app.port!
              transport: 'auto'
              allowInsecure: false
            }
          }
        : {})
    }
    template: {
      terminationGracePeriodSeconds: 600
      containers: [
        {
          name: 'main'
          image: app.image
          ...(empty(app.command) ? {} : { command: app.command })
          resources: {
            cpu: json(app.cores)
            memory: app.memory
          }
          env: concat(
            connection == null
              ? []
              : [
                  {
                    name: 'APPLICATIONINSIGHTS_CONNECTION_STRING'
                    value: connection!
                  }
                ],
            map(items(app.settings), setting => {
              name: setting.key
              value: setting.value
            }),
            map(secrets, secret => {
              name: secret.key
              secretRef: toLower(replace(secret.key, '_', '-'))
            }),
            filter(
              json(keptVariables ?? '[]'),
              one => !contains(app.settings, one.name) && !contains(app.secrets, one.name)
            )
          )
          probes: app.?port == null
            ? []
            : [
                // Up to five minutes to start; a probe allows at most ten failures.
                {
                  type: 'Startup'
                  httpGet: {
                    path: app.healthPath!
                    port: app.port!
                  }
                  periodSeconds: 30
                  timeoutSeconds: 5
                  failureThreshold: 10
                }
                {
                  type: 'Liveness'
                  httpGet: {
                    path: app.healthPath!
                    port: app.port!
                  }
                  periodSeconds: 10
                  timeoutSeconds: 5
                  failureThreshold: 6
                }
                {
                  type: 'Readiness'
                  httpGet: {
                    path: app.readyPath!
                    port: app.port!
                  }
                  periodSeconds: 10
                  timeoutSeconds: 5
                }
              ]
        }
      ]
      scale: {
        minReplicas: app.replicas
        maxReplicas: app.replicas
      }
    }
  }
}

@description('Resource id of the app.')
output resourceId string = containerApp.id
