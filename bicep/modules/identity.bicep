metadata name = 'Managed identity'
metadata description = 'One user-assigned managed identity.'

import { Tags } from '../types.bicep'

@description('Region of the identity.')
param location string

@description('Tags of the identity.')
param tags Tags

@description('Name of the identity.')
@minLength(3)
@maxLength(128)
param name string

resource managedIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: name
  location: location
  tags: tags
}

@description('Object id of its service principal.')
output principalId string = managedIdentity.properties.principalId

@description('Application (client) id.')
output clientId string = managedIdentity.properties.clientId

@description('Resource id of the managed identity.')
output resourceId string = managedIdentity.id
