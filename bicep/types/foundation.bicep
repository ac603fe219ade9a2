metadata name = 'Types of the foundation stage'
metadata description = 'Parameter types of the foundation stage.'

import { Site, WorkloadIdentity } from '../types.bicep'

@export()
@description('Resources of one environment.')
type FoundationEnvironment = {
  @description('The environment and its location.')
  site: Site
  @description('Name of the key vault.')
  keyVaultName: string
  @description('Managed identities of the environment.')
  identities: WorkloadIdentity[]
  @description('Customer-managed key in the key vault; omitted for keys managed by Azure.')
  customerKey: NewKey?
}

@export()
@description('A customer-managed key to create.')
type NewKey = {
  @description('Name of the key.')
  keyName: string
  @description('Name of the user-assigned identity that uses the key.')
  identityName: string
}

@export()
@description('The customer-managed key of the shared resources, in a separate key vault.')
type SharedKey = {
  @description('Name of the key vault.')
  vaultName: string
  @description('URI of the key vault, with a trailing slash.')
  vaultUri: string
  @description('Name of the key.')
  keyName: string
  @description('Name of the user-assigned identity that uses the key.')
  identityName: string
}
