metadata name = 'Application Insights'
metadata description = 'The Application Insights component of the web app; it accepts Entra authentication only.'

import { Site } from '../types.bicep'

@description('The environment.')
param site Site

@description('Name of the component.')
@minLength(1)
@maxLength(260)
param name string

@description('Resource id of the Log Analytics workspace.')
param workspaceId string

@description('Object id of the identity that sends telemetry.')
param reporterId string

@description('Whether the component accepts telemetry from public networks.')
param publicIngestion bool

@description('Built-in role Monitoring Metrics Publisher.')
var roleId = '3913510d-42f4-4e42-8a64-420c390055eb'

resource component 'Microsoft.Insights/components@2020-02-02' = {
  name: name
  location: site.location
  tags: site.tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspaceId
    IngestionMode: 'LogAnalytics'
    DisableIpMasking: false
    DisableLocalAuth: true
    ImmediatePurgeDataOn30Days: false
    publicNetworkAccessForIngestion: publicIngestion ? 'Enabled' : 'Disabled'
    // See modules/workspace.bicep.
    publicNetworkAccessForQuery: 'Enabled'
  }
}

resource roleAssignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: component
  name: guid(component.id, reporterId, roleId)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleId)
    principalId: reporterId
    principalType: 'ServicePrincipal'
  }
}

@description('Connection string; it grants no access, because local authentication is disabled.')
output connection string = component.properties.ConnectionString

@description('Resource id of the component.')
output resourceId string = component.id
