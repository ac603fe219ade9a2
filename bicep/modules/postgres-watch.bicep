metadata name = 'PostgreSQL monitoring'
metadata description = 'The diagnostic setting of a PostgreSQL server and the alert on its storage.'

import { categories, categoryGroup } from '../types/interfaces.bicep'
import { WatchedServer } from '../types/observability.bicep'

@description('The server.')
param server WatchedServer

@description('Resource id of the Log Analytics workspace.')
param workspaceId string

@description('Resource id of the action group; null for no alert rule.')
param actionGroupId string?

resource flexibleServer 'Microsoft.DBforPostgreSQL/flexibleServers@2025-08-01' existing = {
  name: server.name
}

#disable-next-line use-recent-api-versions // The newest stable version has no category groups.
resource diagnosticSetting 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: flexibleServer
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logs: categoryGroup('allLogs')
    metrics: categories(['AllMetrics'])
  }
}

resource storageAlert 'Microsoft.Insights/metricAlerts@2026-01-01' = if (actionGroupId != null) {
  name: server.alertName
  location: 'global'
  tags: server.tags
  properties: {
    description: 'More than four fifths of the storage of the database server are in use.'
    severity: 2
    enabled: true
    scopes: [flexibleServer.id]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          criterionType: 'StaticThresholdCriterion'
          name: 'storage'
          metricNamespace: 'Microsoft.DBforPostgreSQL/flexibleServers'
          metricName: 'storage_percent'
          timeAggregation: 'Average'
          operator: 'GreaterThan'
          threshold: 80
        }
      ]
    }
    autoMitigate: true
    actions: [
      {
        actionGroupId: actionGroupId!
      }
    ]
  }
}

@description('Resource id of the diagnostic setting.')
output resourceId string = diagnosticSetting.id
