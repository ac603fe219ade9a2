param location string = 'westeurope'
resource server 'Microsoft.Sql/servers@2023-05-01-preview' = {
  name: 'server'
  location: location
  properties: { administratorLogin: 'admin' }
  resource db 'databases' = {
    name: 'db'
    location: location
    resource backup 'backupLongTermRetentionPolicies@2023-05-01-preview' = { name: 'default', properties: { weeklyRetention: 'P1W' } }
  }
  resource rules 'firewallRules' = [for i in range(0, 2): {
    name: 'rule${i}'
    properties: { startIpAddress: '10.0.0.${i}', endIpAddress: '10.0.0.${i}' }
  }]
}
resource audit 'Microsoft.Sql/servers/auditingSettings@2023-05-01-preview' = { parent: server, name: 'default', properties: { state: 'Enabled' } }
resource existingServer 'Microsoft.Sql/servers@2023-05-01-preview' existing = { name: 'old' }
resource oldDb 'Microsoft.Sql/servers/databases@2023-05-01-preview' = { parent: existingServer, name: 'newdb', location: location }
resource diag 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: server::db
  name: 'diag'
  properties: { workspaceId: resourceId('Microsoft.OperationalInsights/workspaces', 'logs'), logs: [ { categoryGroup: 'allLogs', enabled: true } ] }
}
resource role 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: resourceGroup()
  name: guid(resourceGroup().id, server.id)
  properties: { principalId: server.identity.principalId, roleDefinitionId: 'x' }
}
resource user 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' existing = { name: 'user' }
resource app 'Microsoft.Web/sites@2023-01-01' = {
  name: 'app'
  location: location
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${user.id}': {} } }
  properties: { serverFarmId: server::db.id, siteConfig: { appSettings: [ { name: 'a', value: environment().suffixes.sqlServerHostname } ] } }
}
output db string = server::db.name
output rule string = server::rules[1].id
