// What the data stage is given.

import { Site, Tags } from '../types.bicep'

@export()
@description('The data of one environment.')
type DataEnvironment = {
  @description('The environment, and where it is built.')
  site: Site
  @description('Name of its storage account.')
  storageAccountName: string
  @description('Name of its key vault.')
  keyVaultName: string
  @description('Where the copies of its data are kept, if otherwise than everywhere.')
  storageRedundancy: string?
  @description('Object ids of the identities that read and write blobs.')
  blobContributors: string[]
}

@export()
@description('An Entra administrator of a PostgreSQL server.')
type DatabaseAdministrator = {
  @description('Name of the identity or group, which is its role name on the server.')
  name: string
  @description('Object id of the identity or group.')
  principalId: string
  @description('What it is.')
  principalType: 'ServicePrincipal' | 'Group'
}

@export()
@description('A PostgreSQL server: that of all environments, or one that an environment has for itself.')
type DatabaseServer = {
  @description('Name of the server.')
  name: string
  @description('Subscription that it is built in.')
  subscriptionId: string
  @description('Region of the server.')
  location: string
  @description('Resource group of the server.')
  resourceGroupName: string
  @description('Tags of the server.')
  tags: Tags
  @description('Compute size, if otherwise than that of the shared server.')
  size: string?
  @description('Pricing tier that the compute size belongs to.')
  tier: 'Burstable' | 'GeneralPurpose' | 'MemoryOptimized'
  @description('Entra administrators.')
  administrators: DatabaseAdministrator[]
  @description('Databases, two for each environment.')
  databases: string[]
  @description('Subnet of its own that it stands in; absent if it is reached by a private endpoint or publicly.')
  subnetId: string?
  @description('Private DNS zone of its name, if it stands in a subnet of its own.')
  zoneId: string?
}

@export()
@description('When Azure may change what runs.')
type Day = 'Sunday' | 'Monday' | 'Tuesday' | 'Wednesday' | 'Thursday' | 'Friday' | 'Saturday'
