// As many identities as names are given.
param names array
resource many 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = [for name in names: { name: name, location: 'westeurope' }]
output first string = many[0].id
