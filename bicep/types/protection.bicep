metadata name = 'Types of the protection stage'
metadata description = 'Parameter types of the protection stage.'

import { Site } from '../types.bicep'

@export()
@description('Storage redundancy of backups.')
type BackupRedundancy = 'LocallyRedundant' | 'ZoneRedundant'

@export()
@description('An environment with a backup of its data lake.')
type ProtectedEnvironment = {
  @description('The environment and its location.')
  site: Site
  @description('Name of the storage account.')
  storageAccountName: string
  @description('Name of the backup vault.')
  vaultName: string
  @description('Prefix of the names of alert rules.')
  alertPrefix: string
  @description('Storage redundancy of the backups.')
  redundancy: BackupRedundancy
}
