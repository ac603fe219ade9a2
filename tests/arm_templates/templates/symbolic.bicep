param maybe string?
@secure()
param password string
resource existing1 'Microsoft.Storage/storageAccounts@2023-01-01' existing = { name: 'exst' }
resource other 'Microsoft.Storage/storageAccounts@2023-01-01' existing = { scope: resourceGroup('othergroup'), name: 'exother' }
resource far 'Microsoft.Storage/storageAccounts@2023-01-01' existing = { scope: resourceGroup('00000000-0000-0000-0000-000000000009', 'fargroup'), name: 'exfar' }
resource account 'Microsoft.Storage/storageAccounts@2023-01-01' = [for i in range(0, 2): {
  name: 'st${i}'
  location: 'westeurope'
  sku: { name: 'Standard_LRS' }
  kind: 'StorageV2'
}]
resource site 'Microsoft.Web/sites@2023-01-01' = {
  name: 'site'
  location: 'westeurope'
  properties: any({
    a: existing1.properties.primaryEndpoints.blob
    b: account[1].properties.primaryEndpoints.blob
    c: account[0].id
    d: account[0].kind
    f: existing1.listKeys().keys[0].value
    g: existing1.?tags.?owner
    h: maybe ?? 'default'
    i: account[0].properties.?foo
    j: '${existing1.name}'
    k: account[1].?properties.x
    l: existing1.location
    m: other.id
    n: other.properties.primaryEndpoints.blob
    o: far.listKeys().keys[0].value
  })
}
@batchSize(1)
module many 'modules/identity.bicep' = [for i in range(0, 2): {
  name: 'many${i}'
  params: { name: 'many-${i}', secret: password, note: site.properties.defaultHostName }
}]
module perhaps 'modules/identity.bicep' = if (maybe == null) {
  name: 'perhaps'
  params: { name: many[1].outputs.name, secret: 'literal', note: many[0].outputs.secret }
}
module never 'modules/identity.bicep' = if (maybe != null) {
  name: 'never'
  params: { name: 'never' }
}
module below 'modules/group.bicep' = {
  name: 'below'
  scope: subscription()
  params: { suffix: perhaps!.outputs.name }
}
resource last 'Microsoft.Web/sites@2023-01-01' = {
  name: 'last'
  location: 'westeurope'
  properties: any({
    where: below.outputs.where
    principal: many[0].outputs.principalId
    name: perhaps.?outputs.?name ?? 'none'
    module: many[0].name
    all: string(many[0].outputs)
    zz: site.properties.foo
  })
}
output principal string = many[0].outputs.principalId
@secure()
output secret string = password
output list array = [for i in range(0, 2): many[i].outputs.principalId]
output maybe string? = maybe
