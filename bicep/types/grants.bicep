metadata name = 'Types of the grants stage'
metadata description = 'Parameter types of the grants stage.'

import { Site } from '../types.bicep'

@export()
@description('Role assignments of one environment.')
type GrantsEnvironment = {
  @description('The environment and its location.')
  site: Site
  @description('Name of the key vault of the secrets.')
  keyVaultName: string
  @description('The secrets and their readers.')
  secretReaders: SecretReader[]
  @description('Object ids of the identities that pull images.')
  imagePullers: string[]
  @description('Role assignments of the AKS cluster; omitted without one.')
  cluster: ClusterGrants?
  @description('Object id of the identity that reads the certificate of the ingress; omitted where it needs none.')
  certificateReader: string?
}

@export()
@description('An identity that reads one secret of a key vault.')
type SecretReader = {
  @description('Name of the secret.')
  secretName: string
  @description('Object id of the identity.')
  principalId: string
}

@export()
@description('Role assignments of the identity of an AKS cluster.')
type ClusterGrants = {
  @description('Object id of the identity of the cluster.')
  principalId: string
  @description('Name of the kubelet identity that the cluster attaches to its nodes.')
  kubeletIdentityName: string
  @description('Subnet of the nodes; omitted where AKS creates the network.')
  subnet: NodeSubnet?
  @description('Private DNS zone of the API server; omitted where AKS creates it.')
  zone: ClusterZone?
  @description('Whether the identity links the network of the nodes to the private DNS zone of the API server.')
  linksNetwork: bool
}

@export()
@description('A private DNS zone, which may be in another subscription.')
type ClusterZone = {
  @description('Subscription of the zone.')
  subscriptionId: string
  @description('Resource group of the zone.')
  resourceGroupName: string
  @description('Name of the zone.')
  name: string
}

@export()
@description('The subnet of the nodes, which may be in another subscription.')
type NodeSubnet = {
  @description('Subscription of the network.')
  subscriptionId: string
  @description('Resource group of the network.')
  resourceGroupName: string
  @description('Name of the network.')
  networkName: string
  @description('Name of the subnet.')
  name: string
}

@export()
@description('The certificate of the ingress, in an existing key vault.')
type Certificate = {
  @description('Resource group of the vault.')
  resourceGroupName: string
  @description('Name of the vault.')
  vaultName: string
  @description('Name of the certificate and of its secret.')
  name: string
}
