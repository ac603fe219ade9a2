metadata name = 'Reporter job'
metadata description = 'The scheduled job that reports Prefect runs and a heartbeat to Azure Monitor.'

import { Site } from '../types.bicep'
import { Reporter } from '../types/observability.bicep'

@description('The environment.')
param site Site

@description('The reporter.')
param reporter Reporter

@description('Logs ingestion endpoint of the data collection rule.')
param ingestionEndpoint string

@description('Immutable id of the data collection rule.')
param ruleImmutableId string

@description('Stream of the data collection rule.')
param stream string

@description('Environment variables of the job.')
var settings = {
  ...reporter.settings
  FLOWFORGE_INGESTION_ENDPOINT: ingestionEndpoint
  FLOWFORGE_INGESTION_RULE: ruleImmutableId
  FLOWFORGE_INGESTION_STREAM: stream
}

resource environment 'Microsoft.App/managedEnvironments@2025-07-01' existing = {
  name: reporter.environmentName
}

resource job 'Microsoft.App/jobs@2025-07-01' = {
  name: reporter.name
  location: site.location
  tags: site.tags
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${reporter.identityId}': {}
    }
  }
  properties: {
    environmentId: environment.id
    workloadProfileName: 'Consumption'
    configuration: {
      triggerType: 'Schedule'
      replicaTimeout: 240
      replicaRetryLimit: 1
      scheduleTriggerConfig: {
        cronExpression: '*/5 * * * *'
        parallelism: 1
        replicaCompletionCount: 1
      }
      registries: [
        {
          server: reporter.registryHost
          identity: reporter.identityId
        }
      ]
      secrets: map(items(reporter.keptValues), value => {
        name: toLower(replace(value.key, '_', '-'))
        keyVaultUrl: value.value
        identity: reporter.identityId
      })
    }
    template: {
      containers: [
        {
          name: 'reporter'
          image: reporter.image
          command: ['python', '-c']
          args: [loadTextContent('../reporter/reporter.py')]
          resources: {
            cpu: json('0.25')
            memory: '0.5Gi'
          }
          env: [
            ...map(items(settings), setting => {
              name: setting.key
              value: setting.value
            })
            ...map(items(reporter.keptValues), value => {
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
output resourceId string = job.id
