// A Container App: one workload under an identity of its own, which pulls its image and reads its secrets.

import { Site } from '../types.bicep'
import { ContainerApp } from '../types/controlplane.bicep'

@description('The environment of the installation.')
param site Site

@description('Container Apps environment that it runs in.')
param environmentName string

@description('Registry that the image is pulled from.')
param registryHost string

@description('The app.')
param app ContainerApp

@description('Its secrets, in a fixed order.')
var secrets = items(app.secrets)

resource environment 'Microsoft.App/managedEnvironments@2025-07-01' existing = {
  name: environmentName
}

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: app.identityName
}

resource containerApp 'Microsoft.App/containerApps@2025-07-01' = {
  name: app.name
  location: site.location
  tags: site.tags
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identity.id}': {}
    }
  }
  properties: {
    environmentId: environment.id
    workloadProfileName: app.profile
    configuration: {
      activeRevisionsMode: 'Single'
      registries: [
        {
          server: registryHost
          identity: identity.id
        }
      ]
      secrets: map(secrets, secret => {
        name: toLower(replace(secret.key, '_', '-'))
        keyVaultUrl: secret.value
        identity: identity.id
      })
      ...(app.served
        ? {
            // "External" to the apps environment, which itself is inside the network.
            ingress: {
              external: true
              targetPort: app.port
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
            map(items(app.settings), setting => {
              name: setting.key
              value: setting.value
            }),
            map(secrets, secret => {
              name: secret.key
              secretRef: toLower(replace(secret.key, '_', '-'))
            })
          )
          probes: [
            {
              type: 'Liveness'
              httpGet: {
                path: app.healthPath
                port: app.port
              }
              initialDelaySeconds: 30
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
