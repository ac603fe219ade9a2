metadata name = 'Container Apps job'
metadata description = 'A manually triggered Container Apps job.'

import { Site } from '../types.bicep'
import { Job } from '../types/runtime.bicep'

@description('The environment.')
param site Site

@description('Name of the Container Apps environment.')
param environmentName string

@description('The job.')
param job Job

resource environment 'Microsoft.App/managedEnvironments@2025-07-01' existing = {
  name: environmentName
}

resource containerAppsJob 'Microsoft.App/jobs@2025-07-01' = {
  name: job.name
  location: site.location
  tags: site.tags
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${job.pullIdentityId}': {}
      ...(job.identityId == job.pullIdentityId ? {} : { '${job.identityId}': {} })
    }
  }
  properties: {
    environmentId: environment.id
    workloadProfileName: 'Consumption'
    configuration: {
      triggerType: 'Manual'
      replicaTimeout: 1800
      replicaRetryLimit: 0
      manualTriggerConfig: {
        parallelism: 1
        replicaCompletionCount: 1
      }
      registries: [
        {
          server: job.registryHost
          identity: job.pullIdentityId
        }
      ]
      secrets: map(items(job.keptValues), value => {
        name: toLower(replace(value.key, '_', '-'))
        keyVaultUrl: value.value
        identity: job.identityId
      })
    }
    template: {
      containers: [
        {
          name: job.name
          image: '${job.registryHost}/${job.image}'
          command: job.command
          resources: {
            cpu: json('0.5')
            memory: '1Gi'
          }
          env: [
            ...map(items(job.settings), setting => {
              name: setting.key
              value: setting.value
            })
            ...map(items(job.keptValues), value => {
              name: value.key
              secretRef: toLower(replace(value.key, '_', '-'))
            })
          ]
        }
      ]
    }
  }
}

@description('Resource id of the job.')
output resourceId string = containerAppsJob.id
