// One value kept in a key vault. It goes in through the control plane, and no output ever gives it back.

@description('Name of the vault.')
param vaultName string

@description('Name under which the value is kept.')
param name string

@secure()
@description('The value.')
param value string

resource vault 'Microsoft.KeyVault/vaults@2026-02-01' existing = {
  name: vaultName
}

resource kept 'Microsoft.KeyVault/vaults/secrets@2026-02-01' = {
  parent: vault
  name: name
  properties: {
    value: value
    contentType: 'text/plain'
    attributes: {
      enabled: true
    }
  }
}
