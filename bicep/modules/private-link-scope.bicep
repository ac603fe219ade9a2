metadata name = 'Azure Monitor Private Link Scope'
metadata description = 'A private link scope of Azure Monitor and its resources.'

import { Tags } from '../types.bicep'
import { AccessMode, ScopedResource } from '../types/privatelink.bicep'

@description('Tags of the scope.')
param tags Tags

@description('Name of the scope.')
@minLength(1)
@maxLength(255)
param name string

@description('Access mode for ingestion and queries.')
param accessMode AccessMode

@description('Resources of the scope.')
param scopedResources ScopedResource[]

resource privateLinkScope 'Microsoft.Insights/privateLinkScopes@2021-09-01' = {
  name: name
  location: 'global'
  tags: tags
  properties: {
    accessModeSettings: {
      ingestionAccessMode: accessMode
      queryAccessMode: accessMode
    }
  }
}

// Azure refuses a change while another one is under way: github.com/hashicorp/terraform-provider-azurerm/issues/22236.
@batchSize(1)
resource members 'Microsoft.Insights/privateLinkScopes/scopedResources@2021-09-01' = [
  for (one, i) in scopedResources: {
    parent: privateLinkScope
    name: one.name
    properties: {
      linkedResourceId: scopedResources[i].resourceId
    }
  }
]

@description('Resource id of the scope.')
output resourceId string = privateLinkScope.id
