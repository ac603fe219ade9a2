metadata name = 'Run table'
metadata description = 'The Log Analytics table of Prefect runs and its data collection rule.'

import { Tags } from '../types.bicep'

@description('Region of the workspace; the data collection rule must be in the same region.')
param location string

@description('Tags of the rule.')
param tags Tags

@description('Name of the Log Analytics workspace.')
param workspaceName string

@description('Name of the rule.')
param name string

@description('Name of the data collection endpoint; null to send rows to the rule itself.')
param endpointName string?

@description('Retention of the table, in days.')
@minValue(30)
@maxValue(730)
param retentionDays int

@description('Name of the table.')
var tableName = 'FlowForgeRuns_CL'

@description('Name of the stream.')
var stream = 'Custom-${tableName}'

@description('Columns of the table.')
var columns = [
  { name: 'TimeGenerated', type: 'datetime' }
  { name: 'Environment', type: 'string' }
  { name: 'Kind', type: 'string' }
  { name: 'RunId', type: 'string' }
  { name: 'Deployment', type: 'string' }
  { name: 'Flow', type: 'string' }
  { name: 'State', type: 'string' }
  { name: 'Message', type: 'string' }
  { name: 'RunName', type: 'string' }
  { name: 'DelaySeconds', type: 'real' }
]

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' existing = {
  name: workspaceName
}

resource table 'Microsoft.OperationalInsights/workspaces/tables@2025-07-01' = {
  parent: workspace
  name: tableName
  properties: {
    plan: 'Analytics'
    retentionInDays: retentionDays
    totalRetentionInDays: retentionDays
    schema: {
      name: tableName
      columns: columns
    }
  }
}

// The Logs ingestion API needs one with a private link: learn.microsoft.com, azure-monitor/data-collection/data-collection-endpoint-overview.
resource dataCollectionEndpoint 'Microsoft.Insights/dataCollectionEndpoints@2024-03-11' existing = if (endpointName != null) {
  name: endpointName ?? 'none'
}

resource dataCollectionRule 'Microsoft.Insights/dataCollectionRules@2024-03-11' = {
  name: name
  location: location
  tags: tags
  kind: 'Direct'
  properties: {
    dataCollectionEndpointId: endpointName == null ? null : dataCollectionEndpoint.id
    streamDeclarations: {
      '${stream}': {
        columns: columns
      }
    }
    destinations: {
      logAnalytics: [
        {
          name: 'workspace'
          workspaceResourceId: workspace.id
        }
      ]
    }
    dataFlows: [
      {
        streams: [stream]
        destinations: ['workspace']
        transformKql: 'source'
        outputStream: stream
      }
    ]
  }
  dependsOn: [
    table
  ]
}

@description('Logs ingestion endpoint that rows are sent to.')
output endpoint string = endpointName == null
  ? dataCollectionRule.properties.endpoints.logsIngestion
  : dataCollectionEndpoint!.properties.logsIngestion.endpoint

@description('Immutable id of the data collection rule.')
output immutableId string = dataCollectionRule.properties.immutableId

@description('Stream of the data collection rule that rows are sent to.')
output stream string = stream

@description('Resource id of the data collection rule.')
output resourceId string = dataCollectionRule.id
