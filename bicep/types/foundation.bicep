// What the foundation stage is given.

import { Site, WorkloadIdentity } from '../types.bicep'

@export()
@description('What the foundation stage makes for one environment.')
type FoundationEnvironment = {
  @description('The environment, and where it is built.')
  site: Site
  @description('Name of its key vault.')
  keyVaultName: string
  @description('Its identities, by workload.')
  identities: WorkloadIdentity[]
}
