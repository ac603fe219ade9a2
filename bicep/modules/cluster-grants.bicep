// What the identity of a Kubernetes cluster needs: to join nodes to their subnet, and to hand the kubelet identity to them.

import { ClusterGrants } from '../types.bicep'

@description('The cluster, its network and the identity of its nodes.')
param cluster ClusterGrants

@description('Built-in role Network Contributor.')
var networkContributorId = '4d97b98b-1d4f-4787-a291-c67834d212e7'

@description('Built-in role Managed Identity Operator.')
var identityOperatorId = 'f1a07417-d97a-45cb-824c-7a7467783830'

resource network 'Microsoft.Network/virtualNetworks@2025-05-01' existing = {
  name: cluster.networkName

  resource subnet 'subnets' existing = {
    name: cluster.subnetName
  }
}

resource kubelet 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: cluster.kubeletIdentityName
}

resource joinSubnet 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: network::subnet
  name: guid(network::subnet.id, cluster.principalId, networkContributorId)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', networkContributorId)
    principalId: cluster.principalId
    principalType: 'ServicePrincipal'
  }
}

resource assignKubelet 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: kubelet
  name: guid(kubelet.id, cluster.principalId, identityOperatorId)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', identityOperatorId)
    principalId: cluster.principalId
    principalType: 'ServicePrincipal'
  }
}
