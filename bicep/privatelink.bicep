// Everything is in the scope before the names lead to it: from then on the networks reach Azure Monitor through the endpoint.

metadata name = 'Stage 9: private link of Azure Monitor'
metadata description = 'The Azure Monitor Private Link Scope of the networks, its resources, its private endpoint and its DNS zones.'

targetScope = 'subscription'

import { Endpoint, Tags } from 'types.bicep'
import { PrivateDns } from 'types/network.bicep'
import { AccessMode, MonitoredCluster, ScopedResource } from 'types/privatelink.bicep'

@description('Tags of the shared resources.')
param tags Tags

@description('Resource group of the shared resources.')
param platformGroupName string

@description('Name of the private link scope.')
param scopeName string

@description('Whether the networks reach only the resources of the scope, or others as well.')
param accessMode AccessMode

@description('Clusters with Container Insights.')
param clusters MonitoredCluster[]

@description('Resources of the scope.')
param scopedResources ScopedResource[]

@description('Private DNS zones of Azure Monitor to create, without that of blobs, which the network stage creates.')
param privateDns PrivateDns

@description('Private endpoint of the scope.')
param endpoint Endpoint

resource platformGroup 'Microsoft.Resources/resourceGroups@2025-04-01' existing = {
  name: platformGroupName
}

module associations 'modules/endpoint-association.bicep' = [
  for cluster in clusters: {
    scope: resourceGroup(cluster.subscriptionId, cluster.resourceGroupName)
    params: {
      clusterName: cluster.name
      collectionEndpointId: cluster.collectionEndpointId
    }
  }
]

module scopeOfMonitor 'modules/private-link-scope.bicep' = {
  scope: platformGroup
  params: {
    tags: tags
    name: scopeName
    accessMode: accessMode
    scopedResources: scopedResources
  }
}

module privateDnsZones 'modules/private-dns-zone.bicep' = [
  for zoneName in privateDns.zoneNames: {
    scope: platformGroup
    params: {
      tags: tags
      name: zoneName
      linkNames: privateDns.linkNames
      networkIds: privateDns.networkIds
      internetFallback: privateDns.internetFallback
    }
    dependsOn: [
      scopeOfMonitor
    ]
  }
]

module privateEndpoint 'modules/endpoint.bicep' = {
  scope: resourceGroup(endpoint.subscriptionId, endpoint.resourceGroupName)
  params: {
    endpoint: endpoint
    subnetId: endpoint.subnetId
    targetId: endpoint.targetId
    zoneIds: endpoint.?zoneIds
  }
  dependsOn: [
    associations
    scopeOfMonitor
    privateDnsZones
  ]
}
