metadata name = 'Types of the runtime stage'
metadata description = 'Parameter types of the runtime stage.'

@export()
@description('Settings of an AKS cluster that are not answers.')
type Cluster = {
  @description('Name of the cluster.')
  name: string
  @description('Managed resource group of the nodes.')
  nodeResourceGroupName: string
  @description('VM size of the system nodes.')
  systemNodeSize: string
  @description('Initial number of system nodes.')
  systemNodeCount: int
  @description('Address range of the pods.')
  podCidr: string
  @description('Address range of the services.')
  serviceCidr: string
  @description('IP address of the DNS service, in the range of the services.')
  dnsServiceIp: string
  @description('Name of the managed identity of the cluster.')
  identityName: string
  @description('Name of the managed identity of the nodes (kubelet).')
  kubeletIdentityName: string
  @description('Application (client) id of the identity of the nodes.')
  kubeletClientId: string
  @description('Object id of the identity of the nodes.')
  kubeletPrincipalId: string
  @description('Object ids of the Entra groups that administer the cluster.')
  adminGroupIds: string[]
  @description('Resource id of the subnet of the nodes; omitted with public endpoints.')
  subnetId: string?
  @description('Resource id of the disk encryption set of the nodes; omitted for keys managed by Azure.')
  diskEncryptionSetId: string?
  @description('Name of the data collection rule for container logs.')
  collectionRuleName: string
}

@export()
@description('A Kubernetes service account with a federated managed identity.')
type ServiceAccount = {
  @description('Name of the federated credential.')
  name: string
  @description('Subscription of the identity.')
  subscriptionId: string
  @description('Resource group of the identity.')
  resourceGroupName: string
  @description('Name of the identity.')
  identityName: string
  @description('Subject of the service account tokens.')
  subject: string
}

@export()
@description('A Container Apps environment.')
type AppsEnvironment = {
  @description('Name of the environment.')
  name: string
  @description('Managed resource group of the infrastructure.')
  infrastructureGroupName: string
  @description('Resource id of the delegated subnet; omitted with public endpoints.')
  subnetId: string?
  @description('Whether the environment has a dedicated workload profile for flow runs.')
  runsFlows: bool
}

@export()
@description('A manually triggered job.')
type Job = {
  @description('Name of the job.')
  name: string
  @description('Repository and digest of the image.')
  image: string
  @description('Command of the job.')
  command: string[]
  @description('Login server of the registry that the image is pulled from.')
  registryHost: string
  @description('Resource id of the identity that pulls the image.')
  pullIdentityId: string
  @description('Resource id of the identity that the job runs as.')
  identityId: string
  @description('Environment variables.')
  settings: {
    @description('Value of the variable.')
    *: string
  }
  @description('Environment variables with values in the key vault, by name.')
  keptValues: {
    @description('Key Vault URI of the secret.')
    *: string
  }
}

@export()
@description('The Redis that several Prefect servers share events through.')
type Redis = {
  @description('Name of the cache.')
  name: string
  @description('Name of the key vault that its URL with the access key is written to.')
  keyVaultName: string
  @description('Name of that secret.')
  secretName: string
  @description('Object id of the identity that reads the secret.')
  readerPrincipalId: string
}
