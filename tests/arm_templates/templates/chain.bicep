param names array = [ 'a', 'b' ]
@secure()
param password string
@secure()
param key string = newGuid()
param when string = utcNow('u')

resource account 'Microsoft.Storage/storageAccounts@2023-01-01' = [for (name, i) in names: {
  name: 'st${name}${i}'
  location: resourceGroup().location
  sku: { name: 'Standard_LRS' }
  kind: 'StorageV2'
  tags: { name: name }
  properties: { accessTier: 'Hot' }
}]

resource vault 'Microsoft.KeyVault/vaults@2023-02-01' = {
  name: 'vault1'
  location: resourceGroup().location
  properties: { tenantId: tenant().tenantId, sku: { family: 'A', name: 'standard' }, accessPolicies: [] }
  resource inner 'secrets' = {
    name: 'password'
    properties: { value: password, contentType: key, attributes: { exp: dateTimeToEpoch(when) } }
  }
}

resource late 'Microsoft.KeyVault/vaults/secrets@2023-02-01' = {
  parent: vault
  name: 'late'
  properties: {
    value: account[0].listKeys().keys[0].value
    contentType: 'x${account[1].properties.primaryEndpoints.blob}y'
  }
}

module identity 'modules/identity.bicep' = {
  name: 'identity'
  params: { name: 'id-${vault.name}', secret: password, note: account[0].properties.primaryEndpoints.blob }
}

resource lock 'Microsoft.Authorization/locks@2020-05-01' = {
  scope: vault
  name: 'keep'
  properties: { level: 'CanNotDelete', notes: identity.outputs.principalId }
}

output principal string = identity.outputs.principalId
output bag object = { id: account[0].id, blob: account[0].properties.primaryEndpoints.blob }
