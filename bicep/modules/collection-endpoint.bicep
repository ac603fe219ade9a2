metadata name = 'Data collection endpoint'
metadata description = 'A data collection endpoint, which a private link scope of Azure Monitor serves.'

import { CollectionEndpoint } from '../types/network.bicep'

@description('The data collection endpoint.')
param endpoint CollectionEndpoint

resource dataCollectionEndpoint 'Microsoft.Insights/dataCollectionEndpoints@2024-03-11' = {
  name: endpoint.name
  location: endpoint.location
  tags: endpoint.tags
  properties: {
    networkAcls: {
      publicNetworkAccess: endpoint.publicIngestion ? 'Enabled' : 'Disabled'
    }
  }
}

@description('Resource id of the data collection endpoint.')
output resourceId string = dataCollectionEndpoint.id
