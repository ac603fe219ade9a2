// It is internal to the network unless the installation uses public endpoints.

metadata name = 'Container Apps environment'
metadata description = 'A Container Apps environment with a Consumption profile and, for flow runs, a dedicated profile.'

import { Site } from '../types.bicep'
import { categoryGroup } from '../types/interfaces.bicep'
import { AppsEnvironment } from '../types/runtime.bicep'

@description('The environment.')
param site Site

@description('The Container Apps environment.')
param settings AppsEnvironment

@description('Resource id of the Log Analytics workspace.')
param workspaceId string

@description('Maximum number of nodes for flow runs.')
@minValue(1)
@maxValue(50)
param workerNodeCount int

@description('Whether replicas are spread across availability zones.')
param zoneRedundant bool

resource environment 'Microsoft.App/managedEnvironments@2025-07-01' = {
  name: settings.name
  location: site.location
  tags: site.tags
  properties: {
    infrastructureResourceGroup: settings.infrastructureGroupName
    publicNetworkAccess: settings.?subnetId == null ? 'Enabled' : 'Disabled'
    peerAuthentication: {
      mtls: {
        enabled: false
      }
    }
    // Otherwise traffic behind the ingress is plain: learn.microsoft.com/azure/container-apps/ingress-environment-configuration.
    peerTrafficConfiguration: {
      encryption: {
        enabled: true
      }
    }
    zoneRedundant: zoneRedundant && settings.?subnetId != null
    ...(settings.?subnetId == null
      ? {}
      : {
          vnetConfiguration: {
            infrastructureSubnetId: settings.subnetId!
            internal: true
          }
        })
    // Logs go through a diagnostic setting: the Log Analytics destination needs a shared key, which is disabled.
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
              // The replicas of the worker hold the nodes that they need; flows do not fit into the profile Consumption.
              minimumCount: 0
              maximumCount: zoneRedundant ? max(workerNodeCount, 2) : workerNodeCount
            }
          ]
        : [])
    ]
  }
}

#disable-next-line use-recent-api-versions // The newest stable version has no category groups.
resource diagnosticSetting 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: environment
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logs: categoryGroup('allLogs')
  }
}

@description('Default domain of the environment.')
output defaultDomain string = environment.properties.defaultDomain

@description('Static IP address of the environment.')
output staticIp string = environment.properties.staticIp

@description('Resource id of the Container Apps environment.')
output resourceId string = environment.id
