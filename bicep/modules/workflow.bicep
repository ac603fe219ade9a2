metadata name = 'Logic App'
metadata description = 'A Logic App that publishes an event once a day: an example of how other systems reach FlowForge.'

import { Tags } from '../types.bicep'
import { categories } from '../types/interfaces.bicep'

@description('Region of the Logic App.')
param location string

@description('Tags of the Logic App.')
param tags Tags

@description('Name of the Logic App.')
@minLength(1)
@maxLength(80)
param name string

@description('Name of the topic that events are published to.')
param topicName string

@description('Endpoint of the topic.')
param topicUrl string

@description('Token audience for publishing events.')
param audience string

@description('Connections and access rules of others: JSON text; null for none.')
param keptProperties string?

@description('Declaration of these connections: JSON text; null for none.')
param keptDeclaration string?

@description('Resource id of the Log Analytics workspace.')
param workspaceId string

@description('Built-in role EventGrid Data Sender.')
var roleId = 'd5a91429-5739-47e2-a06b-3470a27159e7'

resource topic 'Microsoft.EventGrid/topics@2025-02-15' existing = {
  name: topicName
}

resource workflow 'Microsoft.Logic/workflows@2019-05-01' = {
  name: name
  location: location
  tags: tags
  identity: {
    type: 'SystemAssigned'
  }
  properties: {
    ...json(keptProperties ?? '{}')
    state: 'Enabled'
    definition: {
      ...json(keptDeclaration ?? '{}')
      '$schema': 'https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#'
      contentVersion: '1.0.0.0'
      triggers: {
        daily: {
          type: 'Recurrence'
          recurrence: {
            frequency: 'Day'
            interval: 1
          }
        }
      }
      actions: {
        tell: {
          type: 'Http'
          inputs: {
            method: 'POST'
            uri: '${topicUrl}?api-version=2018-01-01'
            headers: {
              'Content-Type': 'application/cloudevents+json'
            }
            body: {
              specversion: '1.0'
              id: '@{workflow().run.name}'
              source: name
              type: 'flowforge.daily'
              time: '@{trigger().startTime}'
              data: {}
            }
            authentication: {
              type: 'ManagedServiceIdentity'
              audience: audience
            }
          }
          runAfter: {}
        }
      }
    }
  }
}

resource roleAssignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: topic
  name: guid(topic.id, workflow.id, roleId)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleId)
    principalId: workflow.identity.principalId
    principalType: 'ServicePrincipal'
  }
}

#disable-next-line use-recent-api-versions // The newest stable version has no category groups.
resource diagnosticSetting 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: workflow
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logs: categories(['WorkflowRuntime'])
  }
}

@description('Resource id of the workflow.')
output resourceId string = workflow.id
