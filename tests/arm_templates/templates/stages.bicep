targetScope = 'subscription'
param environments string[] = [ 'dev', 'prod' ]
param location string = 'northeurope'
param extra bool = false
var prefix = 'ff'

resource groups 'Microsoft.Resources/resourceGroups@2024-03-01' = [for env in environments: {
  name: '${prefix}-${env}-rg'
  location: location
}]
module work 'modules/identity.bicep' = [for (env, i) in environments: {
  name: 'work-${env}'
  scope: groups[i]
  params: { name: '${prefix}-${env}-id', note: groups[i].id }
}]
module cross 'modules/identity.bicep' = {
  name: 'cross'
  scope: resourceGroup('elsewhere')
  params: { name: 'cross', note: work[0].outputs.principalId }
}
module optional 'modules/group.bicep' = if (extra) {
  name: 'optional'
  params: { suffix: 'extra' }
}
resource role 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for (env, i) in environments: {
  name: guid(subscription().id, env, 'Reader')
  properties: {
    principalId: work[i].outputs.principalId
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', 'acdd72a7-3385-48ef-bd42-f606fba81ae7')
  }
}]
resource policy 'Microsoft.Authorization/policyAssignments@2024-04-01' = {
  name: 'policy'
  location: deployment().location
  identity: { type: 'SystemAssigned' }
  properties: { displayName: uniqueString(subscription().id), policyDefinitionId: tenantResourceId('Microsoft.Authorization/policyDefinitions', 'p') }
}
output ids array = [for (env, i) in environments: { env: env, id: groups[i].id, who: work[i].outputs.principalId }]
output names array = map(environments, e => '${prefix}-${e}')
