// Container Apps is also created next to AKS where the web app runs on it.

metadata name = 'Stage 5: runtime'
metadata description = 'The compute of one environment: AKS or Container Apps for Prefect and flow runs.'

targetScope = 'subscription'

import { Egress, Endpoint, KeptByOthers, Runtime, Site } from 'types.bicep'
import { Day } from 'types/data.bicep'
import { AppsEnvironment, Cluster, Job, Redis, ServiceAccount } from 'types/runtime.bicep'

@description('The environment.')
param site Site

@description('Runtime of Prefect and flow runs.')
param runtime Runtime

@description('Initial number of nodes for flow runs.')
@minValue(1)
@maxValue(50)
param workerNodeCount int

@description('Minimum number of nodes for flow runs when autoscaling; AKS only.')
@minValue(0)
@maxValue(50)
param workerNodeLeast int?

@description('Maximum number of nodes for flow runs when autoscaling; AKS only.')
@minValue(1)
@maxValue(100)
param workerNodeMost int?

@description('Current number of nodes for flow runs, as set by the cluster autoscaler.')
param currentWorkerNodes int?

@description('Current type of the OS disks of the nodes for flow runs, which Azure does not change.')
param currentWorkerDisks string?

@description('Current type of the OS disks of the system nodes, which Azure does not change.')
param currentSystemDisks string?

@description('Current number of system nodes, as set by the cluster autoscaler.')
param currentSystemNodes int?

@description('VM size of the nodes for flow runs; AKS only.')
param workerNodeSize string?

@description('Whether nodes are spread across availability zones.')
param zoneRedundant bool

@description('Resource id of the Log Analytics workspace.')
param workspaceId string

@description('Region of the Log Analytics workspace.')
param workspaceLocation string

@description('Resource id of the data collection endpoint in that region; omitted without a private link of Azure Monitor.')
param collectionEndpointId string?

@description('Outbound access of workloads; omitted with public endpoints.')
param egress Egress?

@description('Tier of the Kubernetes control plane; AKS only.')
param clusterTier ('Free' | 'Standard')?

@description('Private DNS zone of a private API server: its resource id, system or none; omitted for a public one.')
param clusterZone string?

@description('Whether the Kubernetes API server is private; AKS only.')
param privateApiServer bool?

@description('Address ranges allowed to reach a public Kubernetes API server; empty for any address.')
param authorizedRanges string[]?

@description('Public IP address of the NAT gateway of the nodes, which then may reach the public API server.')
param natAddress string?

@description('Whether Container Insights sends the output of all pods to Log Analytics; AKS only.')
param containerInsights bool?

@description('Maintenance day of cluster and nodes; the window starts at 02:00 UTC.')
param maintenanceDay Day

@description('The AKS cluster; omitted without one.')
param cluster Cluster?

@description('Kubernetes service accounts with a federated managed identity.')
param serviceAccounts ServiceAccount[]

@description('The Container Apps environment; omitted without one.')
param appsEnvironment AppsEnvironment?

@description('Jobs of the Container Apps environment.')
param jobs Job[]

@description('Number of Prefect servers; more than one requires Redis. Omitted with Prefect Cloud.')
@minValue(1)
@maxValue(5)
param prefectServerCount int?

@description('Redis of the Prefect servers; omitted for one server.')
param redis Redis?

@description('Current size (SKU) of Redis, as others have set it.')
param currentCacheSize string?

@description('Expiry of the secret with its URL, in seconds since 1970; omitted for never.')
param expires int?

@description('Settings of others, which a redeployment must not remove.')
param kept KeptByOthers?

@description('Private endpoint of Redis.')
param endpoints Endpoint[]

module kubernetes 'modules/kubernetes.bicep' = if (cluster != null) {
  scope: resourceGroup(site.subscriptionId, site.resourceGroupName)
  params: {
    site: site
    settings: cluster!
    egress: egress
    tier: clusterTier!
    privateApiServer: privateApiServer!
    clusterZone: clusterZone
    authorizedRanges: concat(authorizedRanges ?? [], natAddress == null ? [] : ['${natAddress!}/32'])
    workerNodeSize: workerNodeSize!
    workerNodeCount: currentWorkerNodes ?? workerNodeCount
    workerNodeLeast: workerNodeLeast!
    workerNodeMost: max(workerNodeMost!, workerNodeCount)
    systemNodeCount: currentSystemNodes ?? cluster!.systemNodeCount
    zones: zoneRedundant ? ['1', '2', '3'] : []
    maintenanceDay: maintenanceDay
    insightsWorkspaceId: containerInsights! ? workspaceId : null
    workerDiskType: currentWorkerDisks
    keptAccess: kept[?'managedClusters/${cluster!.name}/access']
    systemDiskType: currentSystemDisks
  }
}

module insights 'modules/container-insights.bicep' = if (containerInsights ?? false) {
  scope: resourceGroup(site.subscriptionId, site.resourceGroupName)
  params: {
    site: site
    name: cluster!.collectionRuleName
    clusterName: cluster!.name
    workspaceId: workspaceId
    workspaceLocation: workspaceLocation
    collectionEndpointId: collectionEndpointId
  }
  dependsOn: [
    kubernetes
  ]
}

// One after another: an identity accepts one change at a time.
@batchSize(1)
module federated 'modules/service-account.bicep' = [
  for account in serviceAccounts: {
    scope: resourceGroup(account.subscriptionId, account.resourceGroupName)
    params: {
      account: account
      issuer: kubernetes.?outputs.issuer ?? ''
    }
  }
]

module containerApps 'modules/container-apps.bicep' = if (appsEnvironment != null) {
  scope: resourceGroup(site.subscriptionId, site.resourceGroupName)
  params: {
    site: site
    settings: appsEnvironment!
    workspaceId: workspaceId
    workerNodeCount: workerNodeCount
    zoneRedundant: zoneRedundant
  }
}

module manualJobs 'modules/job.bicep' = [
  for job in jobs: {
    scope: resourceGroup(site.subscriptionId, site.resourceGroupName)
    params: {
      site: site
      environmentName: appsEnvironment!.name
      job: job
    }
    dependsOn: [
      containerApps
    ]
  }
]

module cache 'modules/redis.bicep' = if ((prefectServerCount ?? 1) > 1) {
  scope: resourceGroup(site.subscriptionId, site.resourceGroupName)
  params: {
    site: site
    redis: redis!
    currentSize: currentCacheSize
    expires: expires
    workspaceId: workspaceId
    publicAccess: empty(endpoints)
  }
}

module privateEndpoints 'modules/endpoint.bicep' = [
  for endpoint in endpoints: {
    scope: resourceGroup(endpoint.subscriptionId, endpoint.resourceGroupName)
    params: {
      endpoint: endpoint
      subnetId: endpoint.subnetId
      targetId: endpoint.targetId
      zoneIds: endpoint.?zoneIds
    }
    dependsOn: [
      cache
    ]
  }
]

@description('Runtime that was deployed.')
output kind string = runtime

@description('Issuer of the service account tokens; AKS only.')
output issuer string? = kubernetes.?outputs.issuer

@description('Default domain of the Container Apps environment; Container Apps only.')
output defaultDomain string? = containerApps.?outputs.defaultDomain

@description('Static IP address of the Container Apps environment; Container Apps only.')
output staticIp string? = containerApps.?outputs.staticIp
