// What the runtime stage is given.

@export()
@description('What a Kubernetes cluster is told beside the answers.')
type Cluster = {
  @description('Name of the cluster.')
  name: string
  @description('Resource group that the service makes for the nodes.')
  nodeResourceGroupName: string
  @description('VM size of the system nodes.')
  systemNodeSize: string
  @description('Number of system nodes to begin with.')
  systemNodeCount: int
  @description('Address range of the pods.')
  podCidr: string
  @description('Address range of the services.')
  serviceCidr: string
  @description('Address of the DNS service, within the range of the services.')
  dnsServiceIp: string
  @description('Identity of the cluster.')
  identityName: string
  @description('Identity of the nodes.')
  kubeletIdentityName: string
  @description('Application (client) id of the identity of the nodes.')
  kubeletClientId: string
  @description('Object id of the identity of the nodes.')
  kubeletPrincipalId: string
  @description('Object ids of the Entra groups that administer the cluster.')
  adminGroupIds: string[]
  @description('Subnet of the nodes; absent with public endpoints.')
  subnetId: string?
  @description('Name of the rule by which the logs of containers are collected.')
  collectionRuleName: string
}

@export()
@description('A service account of the cluster that stands for an identity of Entra.')
type ServiceAccount = {
  @description('Name of the credential.')
  name: string
  @description('Subscription of the identity.')
  subscriptionId: string
  @description('Resource group of the identity.')
  resourceGroupName: string
  @description('Name of the identity.')
  identityName: string
  @description('The service account, as the cluster calls it in its tokens.')
  subject: string
}

@export()
@description('A Container Apps environment.')
type AppsEnvironment = {
  @description('Name of the environment.')
  name: string
  @description('Resource group that the service makes for its infrastructure.')
  infrastructureGroupName: string
  @description('Subnet of the environment, delegated to it; absent with public endpoints.')
  subnetId: string?
  @description('Whether machines of its own run flows.')
  runsFlows: bool
}

@export()
@description('A job that runs when it is started, inside the network.')
type Job = {
  @description('Name of the job.')
  name: string
  @description('Repository and tag of its image, if it is not that of Prefect.')
  image: string?
  @description('What it runs.')
  command: string[]
  @description('Registry that the image is pulled from.')
  registryHost: string
  @description('Id of the identity that pulls the image.')
  pullIdentityId: string
  @description('Id of the identity that it acts as.')
  identityId: string
  @description('Environment variables.')
  settings: {
    @description('Value of the variable.')
    *: string
  }
  @description('Environment variables whose values are kept in the key vault.')
  keptValues: {
    @description('Address of the value in the key vault.')
    *: string
  }
}

@export()
@description('What several Prefect servers share their events through.')
type Redis = {
  @description('Name of the cache.')
  name: string
  @description('Object ids of the identities that use it.')
  principalIds: string[]
}
