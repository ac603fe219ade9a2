// A Kubernetes cluster: overlay network with Cilium, Entra roles and no local accounts, workload identity, a system pool
// and a pool for flows. The Kubernetes version is left to the service, which upgrades it by itself.

import { Egress, Tags } from '../types.bicep'

@description('Region of the cluster.')
param location string

@description('Tags of the cluster.')
param tags Tags

@description('Name of the cluster.')
param name string

@description('Resource group that the service makes for the nodes.')
param nodeResourceGroupName string

@description('Subnet of the nodes.')
param subnetId string

@description('How the nodes reach the internet.')
param egress Egress

@description('Address range of the pods.')
param podCidr string

@description('Address range of the services.')
param serviceCidr string

@description('Address of the DNS service, within the range of the services.')
param dnsServiceIp string

@description('Whether the API answers only inside the network.')
param privateApiServer bool

@description('Identity of the cluster.')
param clusterIdentityName string

@description('Identity of the nodes.')
param kubeletIdentityName string

@description('Application (client) id of the identity of the nodes.')
param kubeletClientId string

@description('Object id of the identity of the nodes.')
param kubeletPrincipalId string

@description('VM size of the system nodes.')
param systemNodeSize string

@description('Number of system nodes.')
param systemNodeCount int

@description('VM size of the nodes that run flows.')
param workerNodeSize string

@description('Number of nodes that run flows.')
param workerNodeCount int

@description('Zones that the nodes are spread over; none leaves it to the service.')
param zones string[]

resource clusterIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: clusterIdentityName
}

resource kubeletIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: kubeletIdentityName
}

resource cluster 'Microsoft.ContainerService/managedClusters@2026-03-01' = {
  name: name
  location: location
  tags: tags
  sku: {
    name: 'Base'
    tier: 'Standard'
  }
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${clusterIdentity.id}': {}
    }
  }
  properties: {
    dnsPrefix: name
    nodeResourceGroup: nodeResourceGroupName
    nodeResourceGroupProfile: {
      restrictionLevel: 'ReadOnly'
    }
    identityProfile: {
      kubeletidentity: {
        resourceId: kubeletIdentity.id
        clientId: kubeletClientId
        objectId: kubeletPrincipalId
      }
    }
    aadProfile: {
      managed: true
      enableAzureRBAC: true
    }
    disableLocalAccounts: true
    enableRBAC: true
    apiServerAccessProfile: privateApiServer
      ? {
          enablePrivateCluster: true
          enablePrivateClusterPublicFQDN: false
          privateDNSZone: 'system'
        }
      : {
          enablePrivateCluster: false
        }
    networkProfile: {
      networkPlugin: 'azure'
      networkPluginMode: 'overlay'
      networkDataplane: 'cilium'
      networkPolicy: 'cilium'
      podCidr: podCidr
      serviceCidr: serviceCidr
      dnsServiceIP: dnsServiceIp
      loadBalancerSku: 'standard'
      outboundType: egress == 'nat' ? 'userAssignedNATGateway' : 'userDefinedRouting'
    }
    oidcIssuerProfile: {
      enabled: true
    }
    securityProfile: {
      workloadIdentity: {
        enabled: true
      }
      imageCleaner: {
        enabled: true
        intervalHours: 168
      }
    }
    autoUpgradeProfile: {
      upgradeChannel: 'patch'
      nodeOSUpgradeChannel: 'NodeImage'
    }
    agentPoolProfiles: [
      {
        name: 'system'
        mode: 'System'
        vmSize: systemNodeSize
        count: systemNodeCount
        osType: 'Linux'
        osSKU: 'AzureLinux'
        vnetSubnetID: subnetId
        availabilityZones: zones
        nodeTaints: [
          'CriticalAddonsOnly=true:NoSchedule'
        ]
      }
    ]
  }

  // A resource of its own, so that the pool can change without the cluster.
  resource flows 'agentPools' = {
    name: 'flows'
    properties: {
      mode: 'User'
      vmSize: workerNodeSize
      count: workerNodeCount
      osType: 'Linux'
      osSKU: 'AzureLinux'
      vnetSubnetID: subnetId
      availabilityZones: zones
    }
  }
}

@description('Issuer of the tokens that service accounts trade for Entra tokens.')
output issuer string = cluster.properties.oidcIssuerProfile.issuerURL
