// What the control plane stage is given.

@export()
@description('How an App Service runs the web app.')
type AppService = {
  @description('Name of the App Service plan.')
  planName: string
  @description('Name of the web app.')
  siteName: string
  @description('Subnet of its outbound traffic; absent with public endpoints.')
  subnetId: string?
  @description('Whether it is reached from public addresses, by those who may sign in.')
  publicAccess: bool
  @description('Whether a proxy of ours stands before it, which says by which name it was asked for.')
  behindProxy: bool
}

@export()
@description('A Container App.')
type ContainerApp = {
  @description('Name of the app.')
  name: string
  @description('Image, with its registry.')
  image: string
  @description('Name of the identity that it acts as and that pulls its image.')
  identityName: string
  @description('Command and arguments, where the image has others.')
  command: string[]
  @description('Environment variables.')
  settings: {
    @description('Value of the variable.')
    *: string
  }
  @description('Environment variables whose values are kept in the key vault: name to the address of the secret.')
  secrets: {
    @description('Address of the secret.')
    *: string
  }
  @description('Whether it is the web app, before which people sign in.')
  isWeb: bool
  @description('Where it listens.')
  port: int
  @description('Whether others reach it at all, or it only works.')
  served: bool
  @description('Path that answers when the app is well.')
  healthPath: string
  @description('Replicas.')
  replicas: int
  @description('Virtual cores of a replica.')
  cores: string
  @description('Memory of a replica.')
  memory: string
  @description('Profile that it runs on.')
  profile: 'Consumption' | 'flows'
}

@export()
@description('The private DNS zone of a Container Apps environment.')
type AppsZone = {
  @description('Domain that the names of apps end in.')
  name: string
  @description('Address that those names lead to.')
  address: string
  @description('Names of the links to the networks that ask for them.')
  linkNames: string[]
  @description('Ids of those networks, in the same order.')
  networkIds: string[]
}
