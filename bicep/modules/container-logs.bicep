// Basic costs less to collect and keeps 30 days for queries: learn.microsoft.com, azure-monitor/logs/logs-table-plans.
// A plan can be changed once a week.

metadata name = 'Container logs'
metadata description = 'Table plan and retention of the output of pods in the Log Analytics workspace.'

@description('Name of the workspace.')
param workspaceName string

@description('Plan of the table.')
param plan 'Basic' | 'Analytics'

@description('Log retention, in days.')
@minValue(30)
@maxValue(730)
param retentionDays int

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' existing = {
  name: workspaceName
}

resource table 'Microsoft.OperationalInsights/workspaces/tables@2025-07-01' = {
  parent: workspace
  name: 'ContainerLogV2'
  properties: {
    plan: plan
    totalRetentionInDays: retentionDays
    ...(plan == 'Basic' ? {} : { retentionInDays: retentionDays })
  }
}

@description('Resource id of the table.')
output resourceId string = table.id
