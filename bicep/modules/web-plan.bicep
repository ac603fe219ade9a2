// The App Service plan of one environment.

import { Tags } from '../types.bicep'

@description('Region of the plan.')
param location string

@description('Tags of the plan.')
param tags Tags

@description('Name of the plan.')
param name string

@description('Size of the plan.')
param size string

@description('Whether its workers are spread over zones, for which it needs two.')
param zoneRedundant bool

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: name
  location: location
  tags: tags
  kind: 'linux'
  sku: {
    name: size
    capacity: zoneRedundant ? 2 : 1
  }
  properties: {
    reserved: true
    zoneRedundant: zoneRedundant
  }
}
