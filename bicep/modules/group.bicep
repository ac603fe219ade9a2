// A resource group, in whichever subscription.

targetScope = 'subscription'

import { Tags } from '../types.bicep'

@description('Name of the group.')
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
