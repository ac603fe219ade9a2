targetScope = 'subscription'
param regions array = [ 'westeurope', 'northeurope' ]
param enabled bool = true
module groups 'modules/group.bicep' = [for (region, i) in regions: {
  name: 'groups-${i}'
  params: { suffix: 'g${i}', location: region }
}]
module inside 'modules/identity.bicep' = [for (region, i) in regions: if (enabled || i == 0) {
  name: 'inside-${i}'
  scope: resourceGroup('rg-g${i}')
  params: { name: 'x${i}', note: '${groups[i].outputs.groupName}/${groups[i].outputs.where}' }
}]
module unnamed 'modules/identity.bicep' = {
  scope: resourceGroup('rg-g0')
  params: { name: 'unnamed', note: inside[1].?outputs.?principalId ?? 'nobody' }
}
module elsewhere 'modules/group.bicep' = {
  scope: subscription('00000000-0000-0000-0000-000000000077')
  params: { suffix: 'far', location: regions[0] }
}
@onlyIfNotExists()
resource once 'Microsoft.Resources/resourceGroups@2024-03-01' = { name: 'once', location: regions[1] }
resource look 'Microsoft.Resources/resourceGroups@2024-03-01' existing = { name: 'looked-up' }
module looked 'modules/identity.bicep' = { scope: look, params: { name: 'looked', location: look.location } }
output where array = [for (region, i) in regions: groups[i].outputs.where]
output far string = elsewhere.outputs.groupName
