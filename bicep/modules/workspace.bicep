metadata name = 'Log Analytics workspace'
metadata description = 'The Log Analytics workspace of the installation.'

import { Tags, withKept } from '../types.bicep'
import { categories } from '../types/interfaces.bicep'

@description('Region of the workspace.')
param location string

@description('Tags of the workspace.')
param tags Tags

@description('Name of the workspace.')
@minLength(4)
@maxLength(63)
param name string

@description('Log retention, in days.')
@minValue(30)
@maxValue(730)
param retentionDays int

@description('Daily cap, in GB; 0 for none.')
@minValue(0)
param dailyCapGb int

@description('Whether the workspace accepts telemetry from public networks.')
param publicIngestion bool

@description('Pricing tier of others: JSON text; null for none.')
param keptTier string?

@description('Tags of others: JSON text; null for none.')
param keptTags string?

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' = {
  name: name
  location: location
  tags: withKept(tags, keptTags)
  properties: {
    sku: {
      name: 'PerGB2018'
    }
    ...json(keptTier ?? '{}')
    retentionInDays: retentionDays
    workspaceCapping: {
      dailyQuotaGb: dailyCapGb == 0 ? -1 : dailyCapGb
    }
    features: {
      disableLocalAuth: true
      enableLogAccessUsingOnlyResourcePermissions: true
    }
    publicNetworkAccessForIngestion: publicIngestion ? 'Enabled' : 'Disabled'
    // Queries through Resource Manager cannot use a private link: learn.microsoft.com, azure-monitor/fundamentals/private-link-design.
    publicNetworkAccessForQuery: 'Enabled'
  }
}

#disable-next-line use-recent-api-versions // The newest stable version has no category groups.
resource diagnosticSetting 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: workspace
  name: 'to-workspace'
  properties: {
    workspaceId: workspace.id
    logs: categories(['Audit'])
  }
}

@description('Resource id of the Log Analytics workspace.')
output resourceId string = workspace.id
