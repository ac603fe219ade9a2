metadata name = 'Types of the data stage'
metadata description = 'Parameter types of the data stage.'

import { CustomerKey, Site, Tags } from '../types.bicep'

@export()
@description('Storage redundancy.')
type StorageRedundancy = 'Standard_LRS' | 'Standard_ZRS' | 'Standard_GZRS'

@export()
@description('Data resources of one environment.')
type DataEnvironment = {
  @description('The environment and its location.')
  site: Site
  @description('Name of the storage account.')
  storageAccountName: string
  @description('Name of the key vault.')
  keyVaultName: string
  @description('Storage redundancy; omitted for the common one.')
  storageRedundancy: StorageRedundancy?
  @description('Object ids of the identities that read and write blobs.')
  blobContributors: string[]
  @description('Object ids of the identities that send custom metrics of the lake.')
  metricPublishers: string[]
  @description('Customer-managed key of the storage account and of the disks; omitted for keys managed by Azure.')
  customerKey: CustomerKey?
  @description('Disk encryption set of the AKS cluster; omitted without customer-managed keys or without a cluster.')
  diskEncryption: DiskEncryption?
}

@export()
@description('Disk encryption set of an AKS cluster.')
type DiskEncryption = {
  @description('Name of the disk encryption set.')
  name: string
  @description('Object id of the identity of the cluster, which reads the set.')
  clusterPrincipalId: string
}

@export()
@description('An Entra administrator of a PostgreSQL server.')
type DatabaseAdministrator = {
  @description('Name of the identity or group, also its role name on the server.')
  name: string
  @description('Object id of the identity or group.')
  principalId: string
  @description('Type of the administrator.')
  principalType: 'ServicePrincipal' | 'Group'
}

@export()
@description('A PostgreSQL server, shared or of one environment.')
type DatabaseServer = {
  @description('Name of the server.')
  name: string
  @description('Subscription.')
  subscriptionId: string
  @description('Region of the server.')
  location: string
  @description('Resource group of the server.')
  resourceGroupName: string
  @description('Tags of the server.')
  tags: Tags
  @description('Compute size (SKU); omitted for that of the shared server.')
  size: string?
  @description('Pricing tier of the compute size.')
  tier: 'Burstable' | 'GeneralPurpose' | 'MemoryOptimized'
  @description('Entra administrators.')
  administrators: DatabaseAdministrator[]
  @description('Databases, two for each environment.')
  databases: string[]
  @description('Resource id of the delegated subnet; omitted for a private endpoint or public access.')
  subnetId: string?
  @description('Resource id of the private DNS zone; only with a delegated subnet.')
  zoneId: string?
  @description('Customer-managed key; omitted for keys managed by Azure.')
  customerKey: CustomerKey?
}

@export()
@description('Day of the maintenance window.')
type Day = 'Sunday' | 'Monday' | 'Tuesday' | 'Wednesday' | 'Thursday' | 'Friday' | 'Saturday'

@export()
@description('A resource group that is locked as a whole.')
type LockedGroup = {
  @description('Subscription.')
  subscriptionId: string
  @description('Name of the resource group.')
  resourceGroupName: string
}
