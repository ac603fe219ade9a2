metadata name = 'Key vault secrets'
metadata description = 'Secrets written to a key vault through Azure Resource Manager; no output returns them.'

@description('Name of the vault.')
param vaultName string

@description('Names of the secrets to write.')
param names string[]

@secure()
@description('Values of the secrets, by name.')
param values { *: string }

@description('Days until the secrets expire; 0 for never.')
@minValue(0)
param expiryDays int

@description('Time of the deployment.')
param now string = utcNow()

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
        ...(expiryDays == 0 ? {} : { exp: dateTimeToEpoch(dateTimeAdd(now, 'P${expiryDays}D')) })
      }
    }
  }
]
