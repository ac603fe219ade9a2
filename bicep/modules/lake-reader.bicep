// Who may read a lake as a whole, to catalogue it.

@description('Storage account of the lake.')
param storageAccountName string

@description('Who reads: the id of its resource, by which the assignment is named.')
param readerId string

@description('Object id of its identity.')
param principalId string

@description('Built-in role Storage Blob Data Reader.')
var roleId = '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1'

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: storageAccountName
}

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: account
  name: guid(account.id, readerId, roleId)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleId)
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}
