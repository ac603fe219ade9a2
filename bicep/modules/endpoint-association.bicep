// The agent reads the association of this name: learn.microsoft.com, azure-monitor/data-collection/data-collection-rule-associations.

metadata name = 'Association with a data collection endpoint'
metadata description = 'The data collection endpoint from which the agent of a cluster reads its configuration.'

@description('Name of the cluster.')
param clusterName string

@description('Resource id of the data collection endpoint, in the region of the cluster.')
param collectionEndpointId string

resource cluster 'Microsoft.ContainerService/managedClusters@2026-03-01' existing = {
  name: clusterName
}

resource endpointAssociation 'Microsoft.Insights/dataCollectionRuleAssociations@2024-03-11' = {
  scope: cluster
  name: 'configurationAccessEndpoint'
  properties: {
    dataCollectionEndpointId: collectionEndpointId
  }
}

@description('Resource id of the association.')
output resourceId string = endpointAssociation.id
