param name string
param location string = resourceGroup().location
@secure()
param secret string = ''
param note string = 'none'

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: name
  location: location
  tags: { secret: secret, salted: '${secret}-salt', deployment: deployment().name, note: note }
}

output name string = identity.name
output id string = identity.id
output principalId string = identity.properties.principalId
@secure()
output secret string = secret
