// Stage 5, runtime: where Prefect and flows of one environment run: Kubernetes, or Container Apps; and Container Apps beside
// Kubernetes where the web app needs them.

targetScope = 'subscription'

import { Egress, Endpoint, Runtime, Site } from 'types.bicep'
import { Day } from 'types/data.bicep'
import { AppsEnvironment, Cluster, Job, Redis, ServiceAccount } from 'types/runtime.bicep'

@description('The environment.')
param site Site

@description('Kind of runtime.')
param runtime Runtime

@description('Number of machines that run flows, to begin with.')
@minValue(1)
@maxValue(50)
param workerNodeCount int

@description('Up to how many machines the cluster grows by itself; only Kubernetes.')
@minValue(1)
@maxValue(100)
param workerNodeMost int?

@description('Number of machines that run flows now: the cluster moves it by itself.')
param currentWorkerNodes int?

@description('Number of system nodes now: the cluster moves it by itself.')
param currentSystemNodes int?

@description('VM size of the machines that run flows; only Kubernetes.')
param workerNodeSize string?

@description('Whether machines are spread over the zones of the region.')
param zoneRedundant bool

@description('Id of the Log Analytics workspace.')
param workspaceId string

@description('Region of the Log Analytics workspace.')
param workspaceLocation string

@description('How workloads reach the internet; absent with public endpoints.')
param egress Egress?

@description('Whether the Kubernetes API answers only inside the network; only Kubernetes.')
param privateApiServer bool?

@description('Addresses from which a public Kubernetes API may be reached; none: from everywhere.')
param authorizedRanges string[]?

@description('Whether the output of all pods goes to Log Analytics; only Kubernetes.')
param containerInsights bool?

@description('Day on which Azure may upgrade cluster and nodes, from 02:00 UTC on.')
param maintenanceDay Day

@description('The Kubernetes cluster, if there is one.')
param cluster Cluster?

@description('Service accounts of the cluster that stand for identities.')
param serviceAccounts ServiceAccount[]

@description('The Container Apps environment, if there is one.')
param appsEnvironment AppsEnvironment?

@description('Image of Prefect servers, workers and jobs: repository and tag or digest.')
@maxLength(255)
param prefectImage string

@description('Jobs of the Container Apps environment.')
param jobs Job[]

@description('Number of Prefect servers; several share a Redis. Absent with Prefect Cloud.')
@minValue(1)
@maxValue(5)
param prefectServerCount int?

@description('That Redis.')
param redis Redis?

@description('Private endpoint of that Redis.')
param endpoints Endpoint[]

module kubernetes 'modules/kubernetes.bicep' = if (cluster != null) {
  scope: resourceGroup(site.subscriptionId, site.resourceGroupName)
  params: {
    site: site
    settings: cluster!
    egress: egress
    privateApiServer: privateApiServer!
    authorizedRanges: authorizedRanges ?? []
    workerNodeSize: workerNodeSize!
    workerNodeCount: currentWorkerNodes ?? workerNodeCount
    workerNodeLeast: workerNodeCount
    workerNodeMost: max(workerNodeMost!, workerNodeCount)
    systemNodeCount: currentSystemNodes ?? cluster!.systemNodeCount
    zones: zoneRedundant ? ['1', '2', '3'] : []
    maintenanceDay: maintenanceDay
    insightsWorkspaceId: containerInsights! ? workspaceId : null
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
  }
  dependsOn: [
    kubernetes
  ]
}

// One after another, for an identity takes one change at a time.
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
      image: job.?image ?? prefectImage
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
      zoneId: endpoint.?zoneId
    }
    dependsOn: [
      cache
    ]
  }
]

@description('Kind of runtime that was built.')
output kind string = runtime

@description('Issuer of service account tokens; only Kubernetes.')
output issuer string? = kubernetes.?outputs.issuer

@description('Domain that the names of apps end in; only Container Apps.')
output defaultDomain string? = containerApps.?outputs.defaultDomain

@description('Address that those names lead to, inside the network; only Container Apps.')
output staticIp string? = containerApps.?outputs.staticIp
