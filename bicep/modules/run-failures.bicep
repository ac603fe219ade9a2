metadata name = 'Run failure alert'
metadata description = 'The alert rule for failed, crashed and late runs, split by Prefect deployment.'

import { Tags } from '../types.bicep'

@description('Region of the workspace.')
param location string

@description('Tags of the rule.')
param tags Tags

@description('Name of the rule.')
param name string

@description('Resource id of the Log Analytics workspace.')
param workspaceId string

@description('Resource id of the action group.')
param actionGroupId string

resource alertRule 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = {
  name: name
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    description: 'Runs failed, crashed, or are late.'
    severity: 2
    enabled: true
    scopes: [workspaceId]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    muteActionsDuration: 'PT15M'
    criteria: {
      allOf: [
        {
          query: loadTextContent('../kql/failures.kql')
          timeAggregation: 'Count'
          dimensions: [
            {
              name: 'Environment'
              operator: 'Include'
              values: ['*']
            }
            {
              name: 'Deployment'
              operator: 'Include'
              values: ['*']
            }
          ]
          operator: 'GreaterThan'
          threshold: 0
          failingPeriods: {
            numberOfEvaluationPeriods: 1
            minFailingPeriodsToAlert: 1
          }
        }
      ]
    }
    autoMitigate: false
    // The table is empty before the first report.
    skipQueryValidation: true
    actions: {
      actionGroups: [actionGroupId]
    }
  }
}

@description('Resource id of the alert rule.')
output resourceId string = alertRule.id
