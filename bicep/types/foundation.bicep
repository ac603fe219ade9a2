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
}
