metadata name = 'Resource group'
metadata description = 'A resource group in any subscription.'

targetScope = 'subscription'

import { Tags } from '../types.bicep'

@description('Name of the group.')
@minLength(1)
@maxLength(90)
param name string

@description('Region of the group.')
param location string

@description('Tags of the group.')
param tags Tags

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: name
  location: location
  tags: tags
}

@description('Resource id of the resource group.')
output resourceId string = group.id
