metadata name = 'Types of the private link stage'
metadata description = 'Parameter types of the private link of Azure Monitor.'

@export()
@description('Access mode of a private link scope, for ingestion and queries.')
type AccessMode = 'Open' | 'PrivateOnly'

@export()
@description('A resource of a private link scope.')
type ScopedResource = {
  @description('Name of its entry in the scope.')
  name: string
  @description('Resource id of a Log Analytics workspace, an Application Insights component or a data collection endpoint.')
  resourceId: string
}

@export()
@description('A cluster whose agent reads its configuration through the private link.')
type MonitoredCluster = {
  @description('Name of the cluster.')
  name: string
  @description('Subscription.')
  subscriptionId: string
  @description('Resource group.')
  resourceGroupName: string
  @description('Resource id of the data collection endpoint in its region.')
  collectionEndpointId: string
}
