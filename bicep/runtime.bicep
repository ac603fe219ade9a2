// Stage 5, runtime: where Prefect and flows of one environment run: Kubernetes, or Container Apps.

targetScope = 'subscription'

import { Egress, Runtime, Tags } from 'types.bicep'

@description('Region of every resource.')
param location string

@description('Tags of the resources.')
param tags Tags

@description('Resource group of the environment.')
param resourceGroupName string

@description('Kind of runtime.')
param runtime Runtime

@description('Name of the Kubernetes cluster or of the Container Apps environment.')
param runtimeName string

@description('Resource group that the service makes for the machines.')
param managedGroupName string

@description('Virtual network of the environment.')
param networkName string

@description('Subnet of the machines.')
param subnetName string

@description('Number of machines that run flows.')
@minValue(1)
@maxValue(50)
param workerNodeCount int

@description('Whether machines are spread over the zones of the region.')
param zoneRedundant bool

@description('Resource group of what all environments share.')
param platformGroupName string

@description('Name of the Log Analytics workspace.')
param workspaceName string

@description('How workloads reach the internet.')
param egress Egress

@description('VM size of the machines that run flows; only Kubernetes.')
param workerNodeSize string?

@description('VM size of the system nodes; only Kubernetes.')
param systemNodeSize string?

@description('Number of system nodes; only Kubernetes.')
param systemNodeCount int?

@description('Whether the Kubernetes API answers only inside the network; only Kubernetes.')
param privateApiServer bool?

@description('Address range of the pods; only Kubernetes.')
param podCidr string?

@description('Address range of the services; only Kubernetes.')
param serviceCidr string?

@description('Address of the DNS service; only Kubernetes.')
param dnsServiceIp string?

@description('Identity of the cluster; only Kubernetes.')
param clusterIdentityName string?

@description('Identity of the nodes; only Kubernetes.')
param kubeletIdentityName string?

@description('Application (client) id of the identity of the nodes; only Kubernetes.')
param kubeletClientId string?

@description('Object id of the identity of the nodes; only Kubernetes.')
param kubeletPrincipalId string?

@description('Subnet of the machines.')
var subnetId = resourceId(
  subscription().subscriptionId,
  resourceGroupName,
  'Microsoft.Network/virtualNetworks/subnets',
  networkName,
  subnetName
)

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' existing = {
  name: resourceGroupName
}

module kubernetes 'modules/kubernetes.bicep' = if (runtime == 'aks') {
  scope: group
  params: {
    location: location
    tags: tags
    name: runtimeName
    nodeResourceGroupName: managedGroupName
    subnetId: subnetId
    egress: egress
    podCidr: podCidr!
    serviceCidr: serviceCidr!
    dnsServiceIp: dnsServiceIp!
    privateApiServer: privateApiServer!
    clusterIdentityName: clusterIdentityName!
    kubeletIdentityName: kubeletIdentityName!
    kubeletClientId: kubeletClientId!
    kubeletPrincipalId: kubeletPrincipalId!
    systemNodeSize: systemNodeSize!
    systemNodeCount: systemNodeCount!
    workerNodeSize: workerNodeSize!
    workerNodeCount: workerNodeCount
    zones: zoneRedundant ? ['1', '2', '3'] : []
  }
}

module containerApps 'modules/container-apps.bicep' = if (runtime == 'container_apps') {
  scope: group
  params: {
    location: location
    tags: tags
    name: runtimeName
    infrastructureGroupName: managedGroupName
    subnetId: subnetId
    workspaceId: resourceId(
      subscription().subscriptionId,
      platformGroupName,
      'Microsoft.OperationalInsights/workspaces',
      workspaceName
    )
    workerNodeCount: workerNodeCount
    zoneRedundant: zoneRedundant
  }
}

@description('Issuer of service account tokens; only Kubernetes.')
output issuer string? = kubernetes.?outputs.issuer

@description('Domain that the names of apps end in; only Container Apps.')
output defaultDomain string? = containerApps.?outputs.defaultDomain

@description('Address that those names lead to, inside the network; only Container Apps.')
output staticIp string? = containerApps.?outputs.staticIp
