// A Container Apps environment inside the network: a consumption profile, and a profile of its own for flows.

import { Tags } from '../types.bicep'

@description('Region of the environment.')
param location string

@description('Tags of the environment.')
param tags Tags

@description('Name of the environment.')
param name string

@description('Resource group that the service makes for its infrastructure.')
param infrastructureGroupName string

@description('Subnet of the environment, delegated to it.')
param subnetId string

@description('Log Analytics workspace.')
param workspaceId string

@description('Most machines that run flows at a time.')
param workerNodeCount int

@description('Whether replicas are spread over zones.')
param zoneRedundant bool

resource environment 'Microsoft.App/managedEnvironments@2025-07-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    infrastructureResourceGroup: infrastructureGroupName
    publicNetworkAccess: 'Disabled'
    zoneRedundant: zoneRedundant
    vnetConfiguration: {
      infrastructureSubnetId: subnetId
      internal: true
    }
    // By diagnostic setting: the other way needs a key of the workspace, which has none.
    appLogsConfiguration: {
      destination: 'azure-monitor'
    }
    workloadProfiles: [
      {
        name: 'Consumption'
        workloadProfileType: 'Consumption'
      }
      {
        name: 'flows'
        workloadProfileType: 'D4'
        minimumCount: 1
        maximumCount: workerNodeCount
      }
    ]
  }
}

#disable-next-line use-recent-api-versions // The newest stable version has no category groups.
resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: environment
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logs: [
      {
        categoryGroup: 'allLogs'
        enabled: true
      }
    ]
  }
}

@description('Domain that the names of apps end in.')
output defaultDomain string = environment.properties.defaultDomain

@description('Address that those names lead to, inside the network.')
output staticIp string = environment.properties.staticIp
