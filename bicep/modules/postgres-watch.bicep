metadata name = 'PostgreSQL monitoring'
metadata description = 'The diagnostic setting of a PostgreSQL server and its alert rules.'

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

module alerts 'metric-alerts.bicep' = if (actionGroupId != null) {
  params: {
    tags: server.tags
    targets: [server.target]
    actionGroupId: actionGroupId!
  }
}

@description('Resource id of the diagnostic setting.')
output resourceId string = diagnosticSetting.id
