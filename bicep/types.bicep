// The shapes in which the installer hands values to the stages. Names and addresses are computed before anything is
// deployed, so that every resource id is known beforehand.

@export()
@description('Tags that a resource carries: how the installation finds its own resources again.')
type Tags = {
  @description('Value of the tag.')
  *: string
}

@export()
@description('An environment, and where it is built.')
type Site = {
  @description('Name of the environment.')
  name: string
  @description('Subscription that it is built in.')
  subscriptionId: string
  @description('Region of its resources.')
  location: string
  @description('Resource group of the environment.')
  resourceGroupName: string
  @description('Tags of its resources.')
  tags: Tags
}

@export()
@description('A private endpoint in a subnet that may be in another subscription.')
type Endpoint = {
  @description('Name of the private endpoint.')
  name: string
  @description('Subscription that it is built in, which is that of its network.')
  subscriptionId: string
  @description('Resource group that it is built in.')
  resourceGroupName: string
  @description('Region of its network.')
  location: string
  @description('Tags of the endpoint.')
  tags: Tags
  @description('Id of the subnet that it stands in.')
  subnetId: string
  @description('Id of the resource that it leads to.')
  targetId: string
  @description('Part of the target that it opens, in the words of the target.')
  groupId: string
  @description('Id of the private DNS zone that its name goes into; absent where a policy writes it.')
  zoneId: string?
}

@export()
@description('Kind of runtime that Prefect runs on.')
type Runtime = 'aks' | 'container_apps'

@export()
@description('How workloads reach the internet.')
type Egress = 'nat' | 'firewall'

@export()
@description('How people sign in to the web app.')
type SignOnMethod = 'later' | 'secretless' | 'secret'

@export()
@description('What a user-assigned identity is for.')
type Workload = 'web' | 'auth' | 'worker' | 'cluster' | 'kubelet'

@export()
@description('A user-assigned identity to be created.')
type WorkloadIdentity = {
  @description('What the identity is for.')
  workload: Workload
  @description('Name of the identity.')
  name: string
}

@export()
@description('A user-assigned identity as Entra knows it.')
type Principal = {
  @description('What the identity is for.')
  workload: string
  @description('Object id of its service principal.')
  principalId: string
  @description('Application (client) id.')
  clientId: string
}

@export()
@description('Identities of one environment.')
type EnvironmentPrincipals = {
  @description('Name of the environment.')
  name: string
  @description('Its identities.')
  principals: Principal[]
}

@export()
@description('What the foundation stage makes for one environment.')
type FoundationEnvironment = {
  @description('Name of the environment.')
  name: string
  @description('Resource group of the environment.')
  resourceGroupName: string
  @description('Tags of its resources.')
  tags: Tags
  @description('Name of its key vault.')
  keyVaultName: string
  @description('Its identities, by workload.')
  identities: WorkloadIdentity[]
}

@export()
@description('A subnet with a network security group of its own.')
type Subnet = {
  @description('Name of the subnet.')
  name: string
  @description('Address prefix in CIDR notation.')
  addressPrefix: string
  @description('Name of its network security group.')
  networkSecurityGroupName: string
  @description('Service that the subnet is delegated to.')
  delegation: string?
}

@export()
@description('A virtual network and its subnets.')
type VirtualNetwork = {
  @description('Name of the virtual network.')
  name: string
  @description('Address prefix in CIDR notation.')
  addressPrefix: string
  @description('Its subnets.')
  subnets: Subnet[]
}

@export()
@description('What the network stage makes for one environment: its spoke.')
type NetworkEnvironment = {
  @description('Name of the environment.')
  name: string
  @description('Resource group of the environment.')
  resourceGroupName: string
  @description('Tags of its resources.')
  tags: Tags
  @description('Its virtual network.')
  network: VirtualNetwork
  @description('Name of its NAT gateway, for egress through one.')
  natGatewayName: string
  @description('Name of the public address of the NAT gateway.')
  publicIpName: string
  @description('Name of its route table, for egress through a firewall.')
  routeTableName: string
}

@export()
@description('A virtual network that private DNS zones are linked to.')
type NetworkLink = {
  @description('Name of the link.')
  name: string
  @description('Resource group of the virtual network.')
  resourceGroupName: string
  @description('Name of the virtual network.')
  networkName: string
}

@export()
@description('Rights of one environment, granted before the things that need them are created.')
type GrantsEnvironment = {
  @description('Name of the environment.')
  name: string
  @description('Resource group of the environment.')
  resourceGroupName: string
  @description('Key vault whose secrets the vault readers may read.')
  keyVaultName: string
  @description('Object ids of the identities that read secrets.')
  vaultReaders: string[]
  @description('Object ids of the identities that pull images.')
  imagePullers: string[]
  @description('What a Kubernetes cluster needs; absent without one.')
  cluster: ClusterGrants?
}

@export()
@description('What the identity of a Kubernetes cluster needs before the cluster is created.')
type ClusterGrants = {
  @description('Object id of the identity of the cluster.')
  principalId: string
  @description('Name of the kubelet identity that the cluster hands to its nodes.')
  kubeletIdentityName: string
  @description('Virtual network of the nodes.')
  networkName: string
  @description('Subnet of the nodes.')
  subnetName: string
}

@export()
@description('A private endpoint and the zone that its name goes into.')
type PrivateEndpoint = {
  @description('Name of the private endpoint.')
  name: string
  @description('Part of the target that it opens, in the words of the target.')
  groupId: string
  @description('Private DNS zone in the platform group.')
  zoneName: string
}

@export()
@description('What the data stage makes for one environment.')
type DataEnvironment = {
  @description('Name of the environment.')
  name: string
  @description('Resource group of the environment.')
  resourceGroupName: string
  @description('Tags of its resources.')
  tags: Tags
  @description('Name of its storage account.')
  storageAccountName: string
  @description('Private endpoints of the storage account.')
  storageEndpoints: PrivateEndpoint[]
  @description('Name of its key vault.')
  keyVaultName: string
  @description('Private endpoint of the key vault.')
  keyVaultEndpoint: PrivateEndpoint
  @description('Virtual network of the private endpoints.')
  networkName: string
  @description('Subnet of the private endpoints.')
  subnetName: string
  @description('Object ids of the identities that read and write blobs.')
  blobContributors: string[]
  @description('Databases of the environment on the shared server.')
  databases: string[]
}

@export()
@description('An Entra administrator of the PostgreSQL server.')
type DatabaseAdministrator = {
  @description('Name of the identity, which is its role name on the server.')
  name: string
  @description('Object id of the identity.')
  principalId: string
}
