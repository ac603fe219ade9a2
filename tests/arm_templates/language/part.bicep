// A module with a parameter of each kind, a condition, a loop and outputs.
param name string
param tags object = {}
param numbers int[] = [1, 2]
@secure()
param secret string = ''
param enabled bool = true
param place string = resourceGroup().location

resource one 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = if (enabled) {
  name: name
  location: place
  tags: union(tags, { length: string(length(secret)) })
}
resource more 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = [for n in numbers: {
  name: '${name}-${n}'
  location: place
}]
output id string = one.id
output names string[] = [for n in numbers: '${name}-${n}']
output all object = { name: name, count: length(numbers) }
output principal string? = enabled ? one!.properties.principalId : null
