metadata name = 'Types of the control plane stage'
metadata description = 'Parameter types of the control plane stage.'

@export()
@description('How an App Service runs the web app.')
type AppService = {
  @description('Name of the App Service plan.')
  planName: string
  @description('Name of the web app.')
  siteName: string
  @description('Resource id of the subnet for outbound traffic; omitted with public endpoints.')
  subnetId: string?
  @description('Whether public network access is allowed.')
  publicAccess: bool
  @description('Whether the web app is behind the Application Gateway or Front Door of the installation.')
  behindProxy: bool
}

@export()
@description('A Container App.')
type ContainerApp = {
  @description('Name of the app.')
  name: string
  @description('Image, including its registry.')
  image: string
  @description('Name of the managed identity of the app, which also pulls the image.')
  identityName: string
  @description('Command and arguments that override those of the image.')
  command: string[]
  @description('Environment variables.')
  settings: {
    @description('Value of the variable.')
    *: string
  }
  @description('Environment variables with values in the key vault, by name: Key Vault URI of the secret.')
  secrets: {
    @description('Key Vault URI of the secret.')
    *: string
  }
  @description('Whether the app is the web app, which requires sign-on.')
  isWeb: bool
  @description('Port that the app listens on; omitted if it listens on none.')
  port: int?
  @description('Whether the app has an ingress.')
  served: bool
  @description('Path that answers while the process of the app lives; omitted without a port.')
  healthPath: string?
  @description('Path that answers while the app can serve; omitted without a port.')
  readyPath: string?
  @description('Number of replicas.')
  replicas: int
  @description('CPU cores of a replica.')
  cores: string
  @description('Memory of a replica, such as 1Gi.')
  memory: string
  @description('Workload profile of the app.')
  profile: 'Consumption' | 'flows'
}

@export()
@description('The private DNS zone of a Container Apps environment.')
type AppsZone = {
  @description('Subscription of the zone.')
  subscriptionId: string
  @description('Resource group of the zone.')
  resourceGroupName: string
  @description('Default domain of the environment.')
  name: string
  @description('IP address that the names resolve to.')
  address: string
  @description('Names of the virtual network links.')
  linkNames: string[]
  @description('Resource ids of the networks, in the same order.')
  networkIds: string[]
}
