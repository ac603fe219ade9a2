metadata name = 'Workbook'
metadata description = 'The workbook on runs, heartbeats, requests and pod errors.'

import { Tags } from '../types.bicep'

@description('Region of the workbook.')
param location string

@description('Tags of the workbook.')
param tags Tags

@description('Title of the workbook.')
param title string

@description('Resource id of the Log Analytics workspace that is queried.')
param workspaceId string

@description('Parts of the workbook: title, query and visualization.')
var parts = [
  { title: 'When Prefect was last heard of', query: loadTextContent('../kql/heartbeats.kql'), shown: 'table' }
  { title: 'Runs by state', query: loadTextContent('../kql/runs-by-state.kql'), shown: 'barchart' }
  { title: 'Last failures', query: loadTextContent('../kql/last-failures.kql'), shown: 'table' }
  { title: 'Requests to the web app', query: loadTextContent('../kql/requests.kql'), shown: 'timechart' }
  { title: 'Errors in pods', query: loadTextContent('../kql/pod-failures.kql'), shown: 'table' }
]

@description('Parts in the serialized format of workbooks.')
var items = map(range(0, length(parts)), i => {
  type: 3
  name: 'part-${i}'
  content: {
    version: 'KqlItem/1.0'
    title: parts[i].title
    query: parts[i].query
    size: 0
    timeContext: {
      durationMs: 86400000
    }
    queryType: 0
    resourceType: 'microsoft.operationalinsights/workspaces'
    crossComponentResources: [workspaceId]
    visualization: parts[i].shown
  }
})

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(workspaceId, 'workbook')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: title
    category: 'workbook'
    sourceId: workspaceId
    serializedData: string({
      version: 'Notebook/1.0'
      items: items
      fallbackResourceIds: [workspaceId]
    })
  }
}

@description('Resource id of the workbook.')
output resourceId string = workbook.id
