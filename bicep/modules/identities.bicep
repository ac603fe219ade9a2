metadata name = 'Managed identities'
metadata description = 'User-assigned managed identities of one resource group.'

import { Principal, Tags, WorkloadIdentity } from '../types.bicep'

@description('Region of the identities.')
param location string

@description('Tags of the identities.')
param tags Tags

@description('Identities to create.')
param identities WorkloadIdentity[]

resource managedIdentities 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = [
  for identity in identities: {
    name: identity.name
    location: location
    tags: tags
  }
]

@description('The created identities, in the order of the parameter.')
output principals Principal[] = [
  for (identity, i) in identities: {
    workload: identity.workload
    principalId: managedIdentities[i].properties.principalId
    clientId: managedIdentities[i].properties.clientId
  }
]

@description('Resource ids of the managed identities, in the order of the parameter.')
output resourceIds string[] = [
  for (identity, i) in identities: managedIdentities[i].id
]
