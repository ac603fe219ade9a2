// The rules are data with the source of each figure: ../alerts.json.

metadata name = 'Metric alert rules'
metadata description = 'Alert rules on platform metrics, from Azure Monitor Baseline Alerts, for resources of one resource group.'

import { Tags } from '../types.bicep'
import { AlertTarget } from '../types/observability.bicep'

@description('Tags of the alert rules.')
param tags Tags

@description('The monitored resources.')
param targets AlertTarget[]

@description('Resource id of the action group.')
param actionGroupId string

@description('Rules by kind of resource.')
var catalog = loadJsonContent('../alerts.json')

@description('A rule for each metric of each resource.')
var rules = flatten(map(
  targets,
  target =>
    map(catalog[target.kind].rules, rule => {
      ...rule
      name: '${target.alertPrefix}-${rule.key}'
      scope: target.resourceId
      namespace: catalog[target.kind].namespace
      threshold: target.?thresholds[?rule.key] ?? rule.threshold
    })
))

resource metricAlerts 'Microsoft.Insights/metricAlerts@2026-01-01' = [
  for rule in rules: {
    name: rule.name
    location: 'global'
    tags: tags
    properties: {
      description: rule.description
      severity: rule.severity
      enabled: true
      scopes: [rule.scope]
      evaluationFrequency: rule.frequency
      windowSize: rule.window
      criteria: {
        'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
        allOf: [
          {
            criterionType: 'StaticThresholdCriterion'
            name: rule.key
            metricNamespace: rule.namespace
            metricName: rule.metric
            dimensions: rule.dimensions
            timeAggregation: rule.aggregation
            operator: rule.operator
            threshold: rule.threshold
            // Metrics of a new app are unknown to Azure Monitor for some minutes, and the rule would be refused.
            skipMetricValidation: rule.appearsLate
          }
        ]
      }
      autoMitigate: true
      actions: [
        {
          actionGroupId: actionGroupId
        }
      ]
    }
  }
]

@description('Number of alert rules.')
output count int = length(rules)
