// Azure chooses and upgrades the Kubernetes version.

metadata name = 'AKS cluster'
metadata description = 'An AKS cluster with a system node pool and a node pool for flow runs.'

import { Egress, Site } from '../types.bicep'
import { Day } from '../types/data.bicep'
import { Cluster } from '../types/runtime.bicep'

@description('The environment.')
param site Site

@description('The cluster.')
param settings Cluster

@description('Outbound access of the nodes; null with public endpoints.')
param egress Egress?

@description('Private DNS zone of a private API server: its resource id, system or none; null for a public one.')
param clusterZone string?

@description('Whether the API server is private.')
param privateApiServer bool

@description('Address ranges allowed to reach a public API server; empty for any address.')
param authorizedRanges string[]

@description('Ranges that others have restricted the API server to: JSON text; null for none.')
param keptAccess string?

@description('VM size of the nodes for flow runs.')
param workerNodeSize string

@description('Number of nodes for flow runs: the current number, or the initial one.')
@minValue(0)
@maxValue(100)
param workerNodeCount int

@description('Minimum number of nodes for flow runs; 0 keeps those that Prefect itself needs.')
@minValue(0)
@maxValue(100)
param workerNodeLeast int

@description('Maximum number of nodes for flow runs.')
@minValue(1)
@maxValue(100)
param workerNodeMost int

@description('Number of system nodes: the current number, or the initial one.')
@minValue(1)
param systemNodeCount int

@description('Tier of the control plane: Standard has an uptime SLA.')
param tier 'Free' | 'Standard'

@description('Availability zones of the nodes; empty for none.')
@maxLength(3)
param zones string[]

@description('Maintenance day of cluster and nodes; the window starts at 02:00 UTC.')
param maintenanceDay Day

@description('Resource id of the workspace for Container Insights; null to disable it.')
param insightsWorkspaceId string?

@description('Current type of the OS disks of the nodes for flow runs; null for a new pool.')
param workerDiskType string?

@description('Current type of the OS disks of the system nodes; null for a new pool.')
param systemDiskType string?

@description('Upgrades of nodes: a third more of them, and a node that cannot be drained does not block the others.')
var upgradeSettings = {
  maxSurge: '33%'
  drainTimeoutInMinutes: 30
  nodeSoakDurationInMinutes: 0
  undrainableNodeBehavior: 'Cordon'
}

// The key rotates automatically. With ephemeral OS disks, the default of these sizes, a pool would have to be scaled to no nodes
// before: learn.microsoft.com, aks/azure-disk-customer-managed-keys ("Limitations").
@description('OS disks of new node pools; those of existing ones do not change.')
var diskType = settings.?diskEncryptionSetId == null ? null : 'Managed'

@description('Subnet property of the node pools.')
var subnetProperties = settings.?subnetId == null ? {} : { vnetSubnetID: settings.subnetId! }

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
    tier: tier
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
    diskEncryptionSetID: settings.?diskEncryptionSetId
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
          // Without a zone the public name has to exist: learn.microsoft.com, aks/private-clusters.
          enablePrivateClusterPublicFQDN: clusterZone == 'none'
          privateDNSZone: clusterZone ?? 'system'
        }
      : {
          enablePrivateCluster: false
          authorizedIPRanges: empty(authorizedRanges) ? null : authorizedRanges
          ...json(keptAccess ?? '{}')
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
    // Nothing in the cluster is published by an ingress controller.
    ingressProfile: {
      gatewayAPI: {
        installation: 'Disabled'
      }
      webAppRouting: {
        enabled: false
      }
    }
    addonProfiles: {
      // Pods read the Prefect credentials from the key vault with their own identities.
      azureKeyvaultSecretsProvider: {
        enabled: true
        config: {
          enableSecretRotation: 'true'
          rotationPollInterval: '2m'
        }
      }
      omsagent: insightsWorkspaceId == null
        ? {
            enabled: false
          }
        : {
            enabled: true
            config: {
              logAnalyticsWorkspaceResourceID: insightsWorkspaceId!
              useAADAuth: 'true'
            }
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
        vmSize: settings.systemNodeSize
        count: max(systemNodeCount, settings.systemNodeCount)
        enableAutoScaling: true
        minCount: settings.systemNodeCount
        maxCount: settings.systemNodeCount + 1
        osType: 'Linux'
        osSKU: 'AzureLinux'
        enableNodePublicIP: false
        upgradeSettings: upgradeSettings
        ...(diskType == null ? {} : { osDiskType: systemDiskType ?? diskType })
        ...subnetProperties
        // Virtual machines do not inherit the tags of the cluster.
        tags: site.tags
        availabilityZones: empty(zones) ? null : zones
        nodeTaints: [
          'CriticalAddonsOnly=true:NoSchedule'
        ]
      }
    ]
  }

  // A separate resource, so that the pool can change without the cluster.
  resource flowPool 'agentPools' = {
    name: 'flows'
    properties: {
      mode: 'User'
      vmSize: workerNodeSize
      count: min(max(workerNodeCount, workerNodeLeast), workerNodeMost)
      enableAutoScaling: true
      minCount: workerNodeLeast
      maxCount: workerNodeMost
      osType: 'Linux'
      osSKU: 'AzureLinux'
      enableNodePublicIP: false
      upgradeSettings: upgradeSettings
      ...(diskType == null ? {} : { osDiskType: workerDiskType ?? diskType })
      ...subnetProperties
      tags: site.tags
      availabilityZones: empty(zones) ? null : zones
    }
  }
}

@batchSize(1)
resource maintenanceConfigurations 'Microsoft.ContainerService/managedClusters/maintenanceConfigurations@2026-03-01' = [
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
      cluster::flowPool
    ]
  }
]

@description('OIDC issuer of the service account tokens.')
output issuer string = cluster.properties.oidcIssuerProfile.issuerURL

@description('Resource id of the AKS cluster.')
output resourceId string = cluster.id
