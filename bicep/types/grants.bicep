// What the grants stage is given.

import { Site } from '../types.bicep'

@export()
@description('Rights of one environment, granted before the things that need them are created.')
type GrantsEnvironment = {
  @description('The environment, and where it is built.')
  site: Site
  @description('Key vault whose secrets the vault readers may read.')
  keyVaultName: string
  @description('Object ids of the identities that read secrets.')
  vaultReaders: string[]
  @description('Object ids of the identities that pull images.')
  imagePullers: string[]
  @description('What a Kubernetes cluster needs; absent without one.')
  cluster: ClusterGrants?
  @description('Object id of the identity by which the ingress reads its certificate; absent where it needs none.')
  certificateReader: string?
}

@export()
@description('What the identity of a Kubernetes cluster needs before the cluster is created.')
type ClusterGrants = {
  @description('Object id of the identity of the cluster.')
  principalId: string
  @description('Name of the kubelet identity that the cluster hands to its nodes.')
  kubeletIdentityName: string
  @description('Where the nodes are; absent where the cluster makes a network for itself.')
  subnet: NodeSubnet?
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
@description('The certificate of the ingress, in a key vault that exists already.')
type Certificate = {
  @description('Resource group of the vault.')
  resourceGroupName: string
  @description('Name of the vault.')
  vaultName: string
  @description('Name of the certificate, and so of the secret that holds it.')
  name: string
}
