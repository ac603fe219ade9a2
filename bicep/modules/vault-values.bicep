metadata name = 'Key vault secrets'
metadata description = 'Secrets written to a key vault through Azure Resource Manager; no output returns them.'

@description('Name of the vault.')
param vaultName string

@description('Names of the secrets to write.')
param names string[]

@secure()
@description('Values of the secrets, by name.')
param values { *: string }

@description('Expiry of the secrets, in seconds since 1970; null for never.')
param expires int?

resource vault 'Microsoft.KeyVault/vaults@2026-02-01' existing = {
  name: vaultName
}

resource secrets 'Microsoft.KeyVault/vaults/secrets@2026-02-01' = [
  for name in names: {
    parent: vault
    name: name
    properties: {
      value: values[name]
      contentType: 'text/plain'
      attributes: {
        enabled: true
        ...(expires == null ? {} : { exp: expires! })
      }
    }
  }
]
