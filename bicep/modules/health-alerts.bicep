// The kinds of events are those of Azure Monitor Baseline Alerts, services/Resources/subscriptions/alerts.yaml.

metadata name = 'Health alert rules'
metadata description = 'Activity log alert rules: health of the resources of a group, and of the services of a subscription.'

import { HealthAlerts } from '../types/observability.bicep'

@description('The resource group.')
param health HealthAlerts

@description('Resource id of the action group.')
param actionGroupId string

@description('Kinds of events of service health: their names in the activity log, and in the name of the rule.')
var incidents = [
  { type: 'Incident', name: 'incident', text: 'An Azure service that this subscription uses has an incident.' }
  { type: 'Maintenance', name: 'maintenance', text: 'Maintenance of an Azure service may affect this subscription.' }
  { type: 'Security', name: 'security', text: 'A security advisory concerns an Azure service of this subscription.' }
  { type: 'ActionRequired', name: 'advisory', text: 'An Azure service of this subscription changes and requires an action.' }
]

resource serviceHealthAlerts 'Microsoft.Insights/activityLogAlerts@2026-01-01' = [
  for incident in incidents: if (health.watchesServices) {
    name: '${health.alertPrefix}-service-${incident.name}'
    location: 'global'
    tags: health.tags
    properties: {
      description: incident.text
      enabled: true
      scopes: [subscription().id]
      condition: {
        allOf: [
          {
            field: 'category'
            equals: 'ServiceHealth'
          }
          {
            field: 'properties.incidentType'
            equals: incident.type
          }
        ]
      }
      actions: {
        actionGroups: [
          {
            actionGroupId: actionGroupId
          }
        ]
      }
    }
  }
]

resource resourceHealthAlert 'Microsoft.Insights/activityLogAlerts@2026-01-01' = {
  name: '${health.alertPrefix}-resource-health'
  location: 'global'
  tags: health.tags
  properties: {
    description: 'A resource of FlowForge is unavailable or degraded; also after a failover of a database server.'
    enabled: true
    scopes: [resourceGroup().id]
    condition: {
      allOf: [
        {
          field: 'category'
          equals: 'ResourceHealth'
        }
        {
          anyOf: [
            {
              field: 'properties.cause'
              equals: 'PlatformInitiated'
            }
            {
              field: 'properties.cause'
              equals: 'UserInitiated'
            }
          ]
        }
        {
          anyOf: [
            {
              field: 'properties.currentHealthStatus'
              equals: 'Degraded'
            }
            {
              field: 'properties.currentHealthStatus'
              equals: 'Unavailable'
            }
          ]
        }
      ]
    }
    actions: {
      actionGroups: [
        {
          actionGroupId: actionGroupId
        }
      ]
    }
  }
}

@description('Resource id of the alert rule for the health of the resources.')
output resourceId string = resourceHealthAlert.id
