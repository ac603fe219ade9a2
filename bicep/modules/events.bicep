// FlowForge reads the queue: Event Grid could not call a private API.

metadata name = 'Event Grid topic'
metadata description = 'An Event Grid topic that delivers its events to a storage queue.'

import { Tags } from '../types.bicep'
import { categories } from '../types/interfaces.bicep'

@description('Region of the topic.')
param location string

@description('Tags of the topic.')
param tags Tags

@description('Name of the topic.')
@minLength(3)
@maxLength(50)
param name string

@description('Storage account of the queue.')
param storageAccountName string

@description('Name of the queue.')
@minLength(3)
@maxLength(63)
param queueName string

@description('Object id of the identity that reads events from the queue.')
param readerPrincipalId string

@description('Whether public network access is allowed.')
param publicAccess bool

@description('Resource id of the Log Analytics workspace.')
param workspaceId string

@description('Built-in role Storage Queue Data Message Sender.')
var senderId = 'c6a89b2d-59bc-44d0-9896-0f6e12d7b80a'

@description('Built-in role Storage Queue Data Message Processor.')
var processorId = '8a0f0c08-91a1-4084-bc3d-661d67233fed'

@description('Public access that others have switched off: JSON text; null for none.')
param keptAccess string?

@description('Access rules of others: JSON text; null for none.')
param keptRules string?

resource storageAccount 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: storageAccountName

  resource queueService 'queueServices' existing = {
    name: 'default'

    resource queue 'queues' existing = {
      name: queueName
    }
  }
}

resource topic 'Microsoft.EventGrid/topics@2025-02-15' = {
  name: name
  location: location
  tags: tags
  identity: {
    type: 'SystemAssigned'
  }
  properties: {
    ...json(keptRules ?? '{}')
    inputSchema: 'CloudEventSchemaV1_0'
    disableLocalAuth: true
    minimumTlsVersionAllowed: '1.2'
    publicNetworkAccess: publicAccess ? 'Enabled' : 'Disabled'
    ...json(keptAccess ?? '{}')
  }
}

resource senderRoleAssignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: storageAccount::queueService::queue
  name: guid(storageAccount::queueService::queue.id, topic.id, senderId)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', senderId)
    principalId: topic.identity.principalId
    principalType: 'ServicePrincipal'
  }
}

resource processorRoleAssignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: storageAccount::queueService::queue
  name: guid(storageAccount::queueService::queue.id, readerPrincipalId, processorId)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', processorId)
    principalId: readerPrincipalId
    principalType: 'ServicePrincipal'
  }
}

resource eventSubscription 'Microsoft.EventGrid/topics/eventSubscriptions@2025-02-15' = {
  parent: topic
  name: 'flowforge'
  properties: {
    eventDeliverySchema: 'CloudEventSchemaV1_0'
    deliveryWithResourceIdentity: {
      identity: {
        type: 'SystemAssigned'
      }
      destination: {
        endpointType: 'StorageQueue'
        properties: {
          resourceId: storageAccount.id
          queueName: queueName
        }
      }
    }
    retryPolicy: {
      eventTimeToLiveInMinutes: 1440
      maxDeliveryAttempts: 30
    }
  }
  dependsOn: [
    senderRoleAssignment
  ]
}

#disable-next-line use-recent-api-versions // The newest stable version has no category groups.
resource diagnosticSetting 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: topic
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logs: categories(['DataPlaneRequests', 'DeliveryFailures', 'PublishFailures'])
  }
}

@description('Resource id of the topic.')
output resourceId string = topic.id
