metadata name = 'App Service plan'
metadata description = 'The App Service plan of one environment.'

import { Tags } from '../types.bicep'

@description('Region of the plan.')
param location string

@description('Tags of the plan.')
param tags Tags

@description('Name of the plan.')
@minLength(1)
@maxLength(60)
param name string

@description('Size of the plan.')
param size 'P0v3' | 'P1v3' | 'P2v3' | 'P3v3'

@description('Whether workers are spread across availability zones; requires two workers.')
param zoneRedundant bool

@description('Current number of workers; those that others or autoscale have added stay.')
param currentWorkers int?

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: name
  location: location
  tags: tags
  kind: 'linux'
  sku: {
    name: size
    capacity: max(zoneRedundant ? 2 : 1, currentWorkers ?? 0)
  }
  properties: {
    reserved: true
    zoneRedundant: zoneRedundant
  }
}

@description('Resource id of the App Service plan.')
output resourceId string = plan.id
