// Names and addresses are computed before the deployment, so that every resource id is known in advance.

metadata name = 'Shared types'
metadata description = 'Parameter types that several stages use.'

@export()
@description('Resource tags, by which the installation finds its resources.')
type Tags = {
  @description('Value of the tag.')
  *: string
}

@export()
@description('Tags of a resource with those of others: JSON text, null for none. FlowForge does not overwrite them.')
func withKept(own Tags, kept string?) Tags => { ...json(kept ?? '{}'), ...own }

@export()
@description('Settings of others on resources of a stage, such as rules and routes: JSON text by type and name.')
type KeptByOthers = {
  @description('JSON text: an object of properties, or an array of rules or routes.')
  *: string
}

@export()
@description('An environment and its location.')
type Site = {
  @description('Name of the environment.')
  name: string
  @description('Subscription.')
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
  @description('Subscription of the endpoint, the same as that of its network.')
  subscriptionId: string
  @description('Resource group.')
  resourceGroupName: string
  @description('Region of its network.')
  location: string
  @description('Tags of the endpoint.')
  tags: Tags
  @description('Resource id of the subnet of the endpoint.')
  subnetId: string
  @description('Resource id of the target.')
  targetId: string
  @description('Group id (sub-resource) of the target.')
  groupId: string
  @description('Resource ids of the private DNS zones; omitted where an Azure policy creates the records.')
  zoneIds: string[]?
}

@export()
@description('Runtime of Prefect.')
type Runtime = 'aks' | 'container_apps'

@export()
@description('Outbound access of workloads.')
type Egress = 'nat' | 'firewall'

@export()
@description('Ingress of the web app: private, through a web application firewall, or direct.')
type Ingress = 'private' | 'gateway' | 'frontdoor' | 'direct'

@export()
@description('Whether the web application firewall only logs attacks, or blocks them.')
type WafMode = 'Detection' | 'Prevention'

@export()
@description('Scope of the delete locks: none, resources with data, or whole resource groups.')
type Locks = 'none' | 'data' | 'groups'

@export()
@description('Sign-on method of the web app.')
type SignOnMethod = 'later' | 'secretless' | 'secret'

@export()
@description('Workload of a user-assigned identity.')
type Workload = 'web' | 'auth' | 'prefect' | 'worker' | 'gateway' | 'cluster' | 'kubelet' | 'dbadmin' | 'encryption'

@export()
@description('A user-assigned identity to create.')
type WorkloadIdentity = {
  @description('Workload of the identity.')
  workload: Workload
  @description('Name of the identity.')
  name: string
}

@export()
@description('A user-assigned identity and its ids in Entra.')
type Principal = {
  @description('Workload of the identity.')
  workload: string
  @description('Object id of its service principal.')
  principalId: string
  @description('Application (client) id.')
  clientId: string
}

@export()
@description('A customer-managed key, without version, so that services follow its rotation.')
type CustomerKey = {
  @description('Resource id of the user-assigned identity that uses the key.')
  identityId: string
  @description('URI of the key vault, with a trailing slash.')
  vaultUri: string
  @description('Name of the key.')
  keyName: string
}

@export()
@description('Managed identities of one environment.')
type EnvironmentPrincipals = {
  @description('Name of the environment.')
  name: string
  @description('Managed identities of the environment.')
  principals: Principal[]
}

@description('Tags of a private DNS zone or of a link: at most 15, so the tags of the installer give way to the given ones.')
@export()
func dnsTags(tags Tags) Tags =>
  length(tags) <= 15
    ? tags
    : toObject(
        filter(items(tags), tag => !startsWith(tag.key, 'flowforge-') && tag.key != 'managed-by'),
        tag => tag.key,
        tag => tag.value
      )
