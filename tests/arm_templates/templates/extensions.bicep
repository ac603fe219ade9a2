param workspaceGroup string = 'logs-rg'
var locks = [ 'CanNotDelete', 'ReadOnly' ]
resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' existing = {
  scope: resourceGroup(workspaceGroup)
  name: 'logs'
}
resource registry 'Microsoft.ContainerRegistry/registries@2023-07-01' = {
  name: 'registry'
  location: resourceGroup().location
  sku: { name: 'Premium' }
  identity: { type: 'SystemAssigned' }
  properties: { zoneRedundancy: 'Enabled', networkRuleSet: { defaultAction: 'Deny' } }
}
resource locked 'Microsoft.Authorization/locks@2020-05-01' = [for (level, i) in locks: if (level != 'ReadOnly') {
  scope: registry
  name: 'lock-${i}'
  properties: { level: level }
}]
resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: registry
  name: 'all'
  properties: { workspaceId: workspace.id, metrics: [ { category: 'AllMetrics', enabled: true } ] }
}
resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: registry
  name: guid(registry.id, 'pull', workspace.id)
  properties: {
    principalId: registry.identity.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '7f951dda-4ed3-4680-a7ca-43fe172d538d')
  }
}
resource zone 'Microsoft.Network/privateDnsZones@2020-06-01' = {
  name: 'privatelink${environment().suffixes.acrLoginServer}'
  location: 'global'
  resource link 'virtualNetworkLinks' = {
    name: 'link'
    location: 'global'
    properties: { registrationEnabled: false, virtualNetwork: { id: resourceId('Microsoft.Network/virtualNetworks', 'hub') } }
  }
}
resource endpoint 'Microsoft.Network/privateEndpoints@2023-11-01' = {
  name: 'endpoint'
  location: resourceGroup().location
  properties: {
    subnet: { id: resourceId('net-rg', 'Microsoft.Network/virtualNetworks/subnets', 'hub', 'endpoints') }
    privateLinkServiceConnections: [ { name: 'c', properties: { privateLinkServiceId: registry.id, groupIds: [ 'registry' ] } } ]
  }
  resource group 'privateDnsZoneGroups' = {
    name: 'default'
    properties: { privateDnsZoneConfigs: [ { name: 'z', properties: { privateDnsZoneId: zone.id } } ] }
  }
}
output key string = workspace.properties.customerId
output login string = registry.properties.loginServer
output zones object = toObject([ zone.name ], n => n, n => { link: zone::link.id })
