metadata name = 'Container Insights'
metadata description = 'Collection of the container logs of an AKS cluster into Log Analytics.'

import { Site } from '../types.bicep'

@description('The environment.')
param site Site

@description('Name of the rule.')
param name string

@description('Name of the cluster.')
param clusterName string

@description('Resource id of the Log Analytics workspace.')
param workspaceId string

@description('Region of the workspace.')
param workspaceLocation string

@description('Resource id of the data collection endpoint in that region; null without a private link of Azure Monitor.')
param collectionEndpointId string?

@description('Collected tables: the preset "Logs and events" of the portal. Node and pod metrics come from the platform.')
var streams = ['Microsoft-ContainerLogV2', 'Microsoft-KubeEvents', 'Microsoft-KubePodInventory']

resource cluster 'Microsoft.ContainerService/managedClusters@2026-03-01' existing = {
  name: clusterName
}

resource dataCollectionRule 'Microsoft.Insights/dataCollectionRules@2024-03-11' = {
  name: name
  location: workspaceLocation
  tags: site.tags
  kind: 'Linux'
  properties: {
    // With a private link all rules need one: learn.microsoft.com, azure-monitor/containers/kubernetes-monitoring-firewall.
    dataCollectionEndpointId: collectionEndpointId
    dataSources: {
      extensions: [
        {
          name: 'ContainerInsightsExtension'
          extensionName: 'ContainerInsights'
          streams: streams
          extensionSettings: {
            dataCollectionSettings: {
              interval: '5m'
              namespaceFilteringMode: 'Exclude'
              namespaces: ['kube-system', 'gatekeeper-system']
              enableContainerLogV2: true
            }
          }
        }
      ]
    }
    destinations: {
      logAnalytics: [
        {
          name: 'workspace'
          workspaceResourceId: workspaceId
        }
      ]
    }
    dataFlows: [
      {
        streams: streams
        destinations: ['workspace']
      }
    ]
  }
}

resource ruleAssociation 'Microsoft.Insights/dataCollectionRuleAssociations@2024-03-11' = {
  scope: cluster
  name: 'ContainerInsightsExtension'
  properties: {
    dataCollectionRuleId: dataCollectionRule.id
  }
}

@description('Resource id of the data collection rule.')
output resourceId string = dataCollectionRule.id
