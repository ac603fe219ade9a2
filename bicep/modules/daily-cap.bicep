// The query is that of learn.microsoft.com, azure-monitor/logs/daily-cap ("Alert when daily cap is reached").

metadata name = 'Daily cap alert'
metadata description = 'Alert rule that fires when the Log Analytics workspace has reached its daily cap.'

import { Tags } from '../types.bicep'

@description('Region of the workspace.')
param location string

@description('Tags of the alert rule.')
param tags Tags

@description('Name of the alert rule.')
param name string

@description('Resource id of the Log Analytics workspace.')
param workspaceId string

@description('Resource id of the action group.')
param actionGroupId string

resource capAlert 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = {
  name: name
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    description: 'The Log Analytics workspace has reached its daily cap: until tomorrow there are no logs, and no alerts on them.'
    severity: 2
    enabled: true
    scopes: [workspaceId]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT5M'
    criteria: {
      allOf: [
        {
          query: loadTextContent('../kql/daily-cap.kql')
          timeAggregation: 'Count'
          operator: 'GreaterThan'
          threshold: 0
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

@description('Resource id of the alert rule.')
output resourceId string = capAlert.id
