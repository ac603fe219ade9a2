metadata name = 'Federated credential'
metadata description = 'A federated credential that lets a Kubernetes service account act as a managed identity.'

import { ServiceAccount } from '../types/runtime.bicep'

@description('The service account.')
param account ServiceAccount

@description('Issuer of the tokens of the cluster.')
param issuer string

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: account.identityName
}

resource federatedCredential 'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials@2024-11-30' = {
  parent: identity
  name: account.name
  properties: {
    issuer: issuer
    subject: account.subject
    // The same in every cloud: github.com/Azure/azure-workload-identity/issues/1675
    audiences: ['api://AzureADTokenExchange']
  }
}

@description('Resource id of the federated credential.')
output resourceId string = federatedCredential.id
