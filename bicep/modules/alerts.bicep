metadata name = 'Alert rules'
metadata description = 'Alert rules of an environment: Prefect heartbeat, web app health, lake capacity, and platform metrics.'

import { Site } from '../types.bicep'
import { WatchedEnvironment } from '../types/observability.bicep'

@description('The environment.')
param environment WatchedEnvironment

@description('Resource id of the Log Analytics workspace.')
param workspaceId string

@description('Region of the workspace; log alert rules must be in the same region.')
param workspaceLocation string

@description('Resource id of the action group.')
param actionGroupId string

@description('Size of the lake that raises an alert, in bytes.')
@minValue(1)
param storageAlertBytes int

@description('Name and location of the environment.')
var site Site = environment.site

resource storageAccount 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: environment.storageAccountName
}

resource webApp 'Microsoft.Web/sites@2025-03-01' existing = if (environment.?webSiteName != null) {
  name: environment.?webSiteName ?? 'none'
}

resource heartbeatAlert 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = {
  name: environment.alertNames.silence
  location: workspaceLocation
  tags: site.tags
  kind: 'LogAlert'
  properties: {
    description: 'Nothing was heard of Prefect for a quarter of an hour.'
    severity: 1
    enabled: true
    scopes: [workspaceId]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    criteria: {
      allOf: [
        {
          query: replace(loadTextContent('../kql/silence.kql'), 'ENVIRONMENT', site.name)
          timeAggregation: 'Total'
          metricMeasureColumn: 'Beats'
          operator: 'LessThan'
          threshold: 1
          failingPeriods: {
            numberOfEvaluationPeriods: 1
            minFailingPeriodsToAlert: 1
          }
        }
      ]
    }
    autoMitigate: true
    skipQueryValidation: true
    actions: {
      actionGroups: [actionGroupId]
    }
  }
}

resource storageAlert 'Microsoft.Insights/metricAlerts@2026-01-01' = {
  name: environment.alertNames.storage
  location: 'global'
  tags: site.tags
  properties: {
    description: 'The lake holds more than was planned for.'
    severity: 2
    enabled: true
    scopes: [storageAccount.id]
    evaluationFrequency: 'PT1H'
    windowSize: 'PT1H'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          criterionType: 'StaticThresholdCriterion'
          name: 'storage'
          metricNamespace: 'Microsoft.Storage/storageAccounts'
          metricName: 'UsedCapacity'
          timeAggregation: 'Average'
          operator: 'GreaterThan'
          threshold: storageAlertBytes
        }
      ]
    }
    autoMitigate: true
    actions: [
      {
        actionGroupId: actionGroupId
      }
    ]
  }
}

resource healthAlert 'Microsoft.Insights/metricAlerts@2026-01-01' = if (environment.?webSiteName != null) {
  name: environment.alertNames.health
  location: 'global'
  tags: site.tags
  properties: {
    description: 'The web app does not answer that it is well.'
    severity: 1
    enabled: true
    scopes: [webApp.id]
    evaluationFrequency: 'PT1M'
    windowSize: 'PT5M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          criterionType: 'StaticThresholdCriterion'
          name: 'health'
          metricNamespace: 'Microsoft.Web/sites'
          metricName: 'HealthCheckStatus'
          timeAggregation: 'Average'
          operator: 'LessThan'
          threshold: 100
        }
      ]
    }
    autoMitigate: true
    actions: [
      {
        actionGroupId: actionGroupId
      }
    ]
  }
}

module metricAlerts 'metric-alerts.bicep' = {
  params: {
    tags: site.tags
    targets: environment.targets
    actionGroupId: actionGroupId
  }
}

@description('Resource id of the heartbeat alert rule.')
output resourceId string = heartbeatAlert.id
