metadata name = 'Lake reader'
metadata description = 'Role assignment to read a whole data lake, for a data catalog.'

@description('Name of the storage account of the lake.')
param storageAccountName string

@description('Object id of the reader if known before the deployment, else its resource id: used in the name of the role assignment.')
param readerId string

@description('Object id of the managed identity.')
param principalId string

@description('Built-in role Storage Blob Data Reader.')
var roleId = '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1'

resource storageAccount 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: storageAccountName
}

resource roleAssignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: storageAccount
  name: guid(storageAccount.id, readerId, roleId)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleId)
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}

@description('Resource id of the role assignment.')
output resourceId string = roleAssignment.id
