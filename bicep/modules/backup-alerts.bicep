// The alerts that Azure Backup raises itself cover deleted backups and failed restores, but name no failed backup of a data
// lake: learn.microsoft.com, backup/backup-azure-monitoring-alerts. Those are found in the logs of the vault.

metadata name = 'Backup alerts'
metadata description = 'Emails about failed backups of a data lake, and about the alerts that Azure Backup raises itself.'

import { Site } from '../types.bicep'

@description('The environment.')
param site Site

@description('Name of the backup vault.')
param vaultName string

@description('Prefix of the names of alert rules.')
param alertPrefix string

@description('Resource id of the Log Analytics workspace.')
param workspaceId string

@description('Region of the workspace; log alert rules must be in the same region.')
param workspaceLocation string

@description('Resource id of the action group.')
param actionGroupId string

resource vault 'Microsoft.DataProtection/backupVaults@2025-07-01' existing = {
  name: vaultName
}

resource processingRule 'Microsoft.AlertsManagement/actionRules@2021-08-08' = {
  name: '${alertPrefix}-backup-notices'
  location: 'Global'
  tags: site.tags
  properties: {
    description: 'Sends the alerts of the backup vault to the alert recipients.'
    enabled: true
    scopes: [vault.id]
    actions: [
      {
        actionType: 'AddActionGroups'
        actionGroupIds: [actionGroupId]
      }
    ]
  }
}

resource failureAlert 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = {
  name: '${alertPrefix}-backup-failed'
  location: workspaceLocation
  tags: site.tags
  kind: 'LogAlert'
  properties: {
    description: 'A backup of the data lake has failed.'
    severity: 1
    enabled: true
    scopes: [workspaceId]
    evaluationFrequency: 'PT1H'
    windowSize: 'PT2H'
    criteria: {
      allOf: [
        {
          query: replace(loadTextContent('../kql/failed-backups.kql'), 'VAULT', toLower(vaultName))
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
output resourceId string = failureAlert.id
