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
@description('How people reach the web app: from inside only, through a firewall for web applications, or directly.')
type Ingress = 'private' | 'gateway' | 'frontdoor' | 'direct'

@export()
@description('Whether what looks like an attack is only written down, or turned away.')
type WafMode = 'Detection' | 'Prevention'

@export()
@description('What nobody can delete: nothing, what holds data, or whole resource groups.')
type Locks = 'none' | 'data' | 'groups'

@export()
@description('How people sign in to the web app.')
type SignOnMethod = 'later' | 'secretless' | 'secret'

@export()
@description('What a user-assigned identity is for.')
type Workload = 'web' | 'auth' | 'prefect' | 'worker' | 'gateway' | 'cluster' | 'kubelet' | 'dbadmin'

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
