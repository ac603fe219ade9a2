// What the stage that backs up is given.

import { Site } from '../types.bicep'

@export()
@description('Where the copies of a backup are kept.')
type BackupRedundancy = 'LocallyRedundant' | 'ZoneRedundant'

@export()
@description('An environment whose lake is backed up.')
type ProtectedEnvironment = {
  @description('The environment, and where it is built.')
  site: Site
  @description('Name of its storage account.')
  storageAccountName: string
  @description('Name of its backup vault.')
  vaultName: string
  @description('Where the copies of its backups are kept.')
  redundancy: BackupRedundancy
}
