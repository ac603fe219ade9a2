metadata name = 'Resource group'
metadata description = 'A resource group in any subscription.'

targetScope = 'subscription'

import { Tags, withKept } from '../types.bicep'

@description('Name of the group.')
@minLength(1)
@maxLength(90)
param name string

@description('Region of the group.')
param location string

@description('Tags of the group.')
param tags Tags

@description('Tags of others: JSON text; null for none.')
param keptTags string?

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: name
  location: location
  tags: withKept(tags, keptTags)
}

@description('Resource id of the resource group.')
output resourceId string = group.id
