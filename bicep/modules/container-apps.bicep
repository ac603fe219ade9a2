// A Container Apps environment: a consumption profile, and a profile of its own for flows where Prefect runs in it. It is
// inside the network unless there is none.

import { Site } from '../types.bicep'
import { AppsEnvironment } from '../types/runtime.bicep'

@description('The environment of the installation.')
param site Site

@description('The Container Apps environment.')
param settings AppsEnvironment

@description('Log Analytics workspace.')
param workspaceId string

@description('Most machines that run flows at a time.')
param workerNodeCount int

@description('Whether replicas are spread over zones.')
param zoneRedundant bool

resource environment 'Microsoft.App/managedEnvironments@2025-07-01' = {
  name: settings.name
  location: site.location
  tags: site.tags
  properties: {
    infrastructureResourceGroup: settings.infrastructureGroupName
    publicNetworkAccess: settings.?subnetId == null ? 'Enabled' : 'Disabled'
    zoneRedundant: zoneRedundant && settings.?subnetId != null
    ...(settings.?subnetId == null
      ? {}
      : {
          vnetConfiguration: {
            infrastructureSubnetId: settings.subnetId!
            internal: true
          }
        })
    // By diagnostic setting: the other way needs a key of the workspace, which has none.
    appLogsConfiguration: {
      destination: 'azure-monitor'
    }
    workloadProfiles: [
      {
        name: 'Consumption'
        workloadProfileType: 'Consumption'
      }
      ...(settings.runsFlows
        ? [
            {
              name: 'flows'
              workloadProfileType: 'D4'
              minimumCount: 1
              maximumCount: workerNodeCount
            }
          ]
        : [])
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
