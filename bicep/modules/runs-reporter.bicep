metadata name = 'Run reporter'
metadata description = 'Role assignment to send rows through the data collection rule.'

@description('Name of the rule.')
param ruleName string

@description('Object id of the identity of the worker.')
param principalId string

@description('Built-in role Monitoring Metrics Publisher.')
var roleId = '3913510d-42f4-4e42-8a64-420c390055eb'

resource dataCollectionRule 'Microsoft.Insights/dataCollectionRules@2024-03-11' existing = {
  name: ruleName
}

resource roleAssignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: dataCollectionRule
  name: guid(dataCollectionRule.id, principalId, roleId)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleId)
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}

@description('Resource id of the role assignment.')
output resourceId string = roleAssignment.id
