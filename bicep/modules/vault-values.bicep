// Values kept in a key vault. They go in through the control plane, and no output ever gives them back.

@description('Name of the vault.')
param vaultName string

@description('Names under which the values are kept.')
param names string[]

@secure()
@description('The values, by name.')
param values { *: string }

resource vault 'Microsoft.KeyVault/vaults@2026-02-01' existing = {
  name: vaultName
}

resource kept 'Microsoft.KeyVault/vaults/secrets@2026-02-01' = [
  for name in names: {
    parent: vault
    name: name
    properties: {
      value: values[name]
      contentType: 'text/plain'
      attributes: {
        enabled: true
      }
    }
  }
]
