// The Log Analytics workspace that everything reports to.

import { Tags } from '../types.bicep'

@description('Region of the workspace.')
param location string

@description('Tags of the workspace.')
param tags Tags

@description('Name of the workspace.')
param name string

@description('Days that logs are kept.')
param retentionDays int

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    sku: {
      name: 'PerGB2018'
    }
    retentionInDays: retentionDays
    features: {
      disableLocalAuth: true
      enableLogAccessUsingOnlyResourcePermissions: true
    }
  }
}
