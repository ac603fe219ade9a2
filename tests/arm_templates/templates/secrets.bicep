param vaultName string = 'vault'
@secure()
param given string
@secure()
param withDefault string = ''
@secure()
param bag object
resource vault 'Microsoft.KeyVault/vaults@2023-02-01' existing = { name: vaultName }
module one 'modules/identity.bicep' = { name: 'one', params: { name: 'one', secret: vault.getSecret('s1') } }
module two 'modules/identity.bicep' = { name: 'two', params: { name: 'two', secret: withDefault } }
module three 'modules/identity.bicep' = { name: 'three', params: { name: 'three', secret: bag.key } }
module four 'modules/identity.bicep' = { name: 'four', params: { name: 'four', secret: '${given}x' } }
module five 'modules/identity.bicep' = { name: 'five', params: { name: 'five', secret: three.outputs.secret, note: one.outputs.principalId } }
resource site 'Microsoft.Web/sites@2023-01-01' = { name: 'site', location: 'w', properties: any({ a: given, b: bag, c: bag.key, d: toUpper(given), e: empty(withDefault) ? 'none' : withDefault, f: base64('${withDefault}z') }) }
