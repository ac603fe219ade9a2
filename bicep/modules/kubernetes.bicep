// A Kubernetes cluster: overlay network with Cilium, Entra roles and no local accounts, workload identity, a system pool
// and a pool for flows. The Kubernetes version is left to the service, which upgrades it by itself.

import { Egress, Site } from '../types.bicep'
import { Day } from '../types/data.bicep'
import { Cluster } from '../types/runtime.bicep'

@description('The environment.')
param site Site

@description('The cluster.')
param settings Cluster

@description('How the nodes reach the internet; null with public endpoints.')
param egress Egress?

@description('Whether the API answers only inside the network.')
param privateApiServer bool

@description('Addresses from which a public API may be reached; none: from everywhere.')
param authorizedRanges string[]

@description('VM size of the nodes that run flows.')
param workerNodeSize string

@description('Number of nodes that run flows, as they are now or are to begin with.')
param workerNodeCount int

@description('Fewest nodes that run flows.')
param workerNodeLeast int

@description('Most nodes that run flows.')
param workerNodeMost int

@description('Number of system nodes, as they are now or are to begin with.')
param systemNodeCount int

@description('Zones that the nodes are spread over; none leaves it to the service.')
param zones string[]

@description('Day on which Azure may upgrade cluster and nodes.')
param maintenanceDay Day

@description('Workspace that the logs of containers go to; null: they go nowhere.')
param insightsWorkspaceId string?

@description('The network that the nodes stand in.')
var inSubnet = settings.?subnetId == null ? {} : { vnetSubnetID: settings.subnetId! }

resource clusterIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: settings.identityName
}

resource kubeletIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: settings.kubeletIdentityName
}

resource cluster 'Microsoft.ContainerService/managedClusters@2026-03-01' = {
  name: settings.name
  location: site.location
  tags: site.tags
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
    dnsPrefix: settings.name
    nodeResourceGroup: settings.nodeResourceGroupName
    nodeResourceGroupProfile: {
      restrictionLevel: 'ReadOnly'
    }
    identityProfile: {
      kubeletidentity: {
        resourceId: kubeletIdentity.id
        clientId: settings.kubeletClientId
        objectId: settings.kubeletPrincipalId
      }
    }
    aadProfile: {
      managed: true
      enableAzureRBAC: true
      adminGroupObjectIDs: empty(settings.adminGroupIds) ? null : settings.adminGroupIds
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
          authorizedIPRanges: empty(authorizedRanges) ? null : authorizedRanges
        }
    networkProfile: {
      networkPlugin: 'azure'
      networkPluginMode: 'overlay'
      networkDataplane: 'cilium'
      networkPolicy: 'cilium'
      podCidr: settings.podCidr
      serviceCidr: settings.serviceCidr
      dnsServiceIP: settings.dnsServiceIp
      loadBalancerSku: 'standard'
      outboundType: egress == null ? 'loadBalancer' : egress == 'nat' ? 'userAssignedNATGateway' : 'userDefinedRouting'
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
    ingressProfile: {
      gatewayAPI: {
        installation: 'Standard'
      }
      webAppRouting: {
        enabled: true
        gatewayAPIImplementations: {
          appRoutingIstio: {
            mode: 'Enabled'
          }
        }
        nginx: {
          defaultIngressControllerType: 'None'
        }
      }
    }
    addonProfiles: {
      // Pods read what lets into Prefect from the key vault, as their own identities.
      azureKeyvaultSecretsProvider: {
        enabled: true
        config: {
          enableSecretRotation: 'true'
          rotationPollInterval: '2m'
        }
      }
      ...(insightsWorkspaceId == null
        ? {}
        : {
            omsagent: {
              enabled: true
              config: {
                logAnalyticsWorkspaceResourceID: insightsWorkspaceId!
                useAADAuth: 'true'
              }
            }
          })
    }
    autoUpgradeProfile: {
      upgradeChannel: 'patch'
      nodeOSUpgradeChannel: 'NodeImage'
    }
    agentPoolProfiles: [
      {
        name: 'system'
        mode: 'System'
        vmSize: settings.systemNodeSize
        count: systemNodeCount
        enableAutoScaling: true
        minCount: settings.systemNodeCount
        maxCount: settings.systemNodeCount + 1
        osType: 'Linux'
        osSKU: 'AzureLinux'
        ...inSubnet
        availabilityZones: empty(zones) ? null : zones
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
      enableAutoScaling: true
      minCount: workerNodeLeast
      maxCount: workerNodeMost
      osType: 'Linux'
      osSKU: 'AzureLinux'
      ...inSubnet
      availabilityZones: empty(zones) ? null : zones
    }
  }
}

@batchSize(1)
resource windows 'Microsoft.ContainerService/managedClusters/maintenanceConfigurations@2026-03-01' = [
  for name in ['aksManagedAutoUpgradeSchedule', 'aksManagedNodeOSUpgradeSchedule']: {
    parent: cluster
    name: name
    properties: {
      maintenanceWindow: {
        schedule: {
          weekly: {
            intervalWeeks: 1
            dayOfWeek: maintenanceDay
          }
        }
        durationHours: 4
        startTime: '02:00'
        utcOffset: '+00:00'
      }
    }
    dependsOn: [
      cluster::flows
    ]
  }
]

@description('Issuer of the tokens that service accounts trade for Entra tokens.')
output issuer string = cluster.properties.oidcIssuerProfile.issuerURL
