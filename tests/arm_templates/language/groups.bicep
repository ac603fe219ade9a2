targetScope = 'subscription'
param prefix string
param count int = 2
resource groups 'Microsoft.Resources/resourceGroups@2025-04-01' = [for i in range(0, count): {
  name: '${prefix}-${i}'
  location: deployment().location
}]
output names array = [for i in range(0, count): groups[i].name]
output first string = groups[0].id
