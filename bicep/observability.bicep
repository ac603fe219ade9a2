metadata name = 'Stage 10: observability'
metadata description = 'Diagnostic settings, alert rules, the workbook and the budgets of the installation.'

targetScope = 'subscription'

import { Tags } from 'types.bicep'
import { AlertTarget, Budget, HealthAlerts, WatchedEnvironment, WatchedServer } from 'types/observability.bicep'

@description('Region of the shared resources.')
param location string

@description('Tags of the shared resources.')
param tags Tags

@description('Resource group of the shared resources.')
param platformGroupName string

@description('Name of the Log Analytics workspace.')
param workspaceName string

@description('Log retention, in days.')
@minValue(30)
@maxValue(730)
param retentionDays int

@description('Name of the data collection rule that the reporters send rows through.')
param runsRuleName string

@description('Name of the data collection endpoint that the reporters call; omitted without a private link of Azure Monitor.')
param collectionEndpointName string?

@description('Name of the action group.')
param actionGroupName string

@description('Short name of the action group in notifications.')
param actionGroupShortName string

@description('Email addresses for alerts; without any, no alert rules are created.')
param emails string[]

@description('Name of the alert rule for failed runs.')
param failuresAlertName string

@description('Size of a lake that raises an alert, in GiB.')
@minValue(1)
@maxValue(5000000)
param storageAlertGb int

@description('Table plan of container logs; omitted without Container Insights.')
param containerLogPlan ('Basic' | 'Analytics')?

@description('Name of the alert rule for the daily cap of the workspace; omitted without a cap.')
param capAlertName string?

@description('Title of the workbook.')
param workbookTitle string

@description('Monthly budget in the billing currency of the subscription; 0 for no budget.')
@minValue(0)
@maxValue(10000000)
param budgetAmount int

@description('Start of the budget, the first day of a month (yyyy-MM-dd); only with a budget.')
param budgetStart string?

@description('Start dates of existing budgets, which Azure does not change: JSON text by subscription.')
param budgetStarts { *: string }?

@description('Budgets, one for each subscription.')
param budgets Budget[]

@description('The environments.')
param environments WatchedEnvironment[]

@description('The PostgreSQL servers.')
param servers WatchedServer[]

@description('Monitored resources of the platform that serve all environments.')
param sharedTargets AlertTarget[]

@description('Health alert rules, by resource group.')
param healthAlerts HealthAlerts[]

@description('Whether alert rules are created.')
var alerts = !empty(emails)

@description('Resource id of the Log Analytics workspace.')
var workspaceId = resourceId(subscription().subscriptionId, platformGroupName, 'Microsoft.OperationalInsights/workspaces', workspaceName)

@description('Resource id of the action group.')
var actionGroupId = resourceId(subscription().subscriptionId, platformGroupName, 'Microsoft.Insights/actionGroups', actionGroupName)

module actionGroup 'modules/action-group.bicep' = if (alerts) {
  scope: resourceGroup(platformGroupName)
  params: {
    tags: tags
    name: actionGroupName
    shortName: actionGroupShortName
    emails: emails
  }
}

module runs 'modules/runs-table.bicep' = {
  scope: resourceGroup(platformGroupName)
  params: {
    location: location
    tags: tags
    workspaceName: workspaceName
    name: runsRuleName
    endpointName: collectionEndpointName
    retentionDays: retentionDays
  }
}

module writers 'modules/runs-reporter.bicep' = [
  for environment in environments: {
    scope: resourceGroup(platformGroupName)
    params: {
      ruleName: runsRuleName
      principalId: environment.workerPrincipalId
    }
    dependsOn: [
      runs
    ]
  }
]

module reporters 'modules/reporter.bicep' = [
  for (environment, i) in environments: if (environment.?reporter != null) {
    scope: resourceGroup(environment.site.subscriptionId, environment.site.resourceGroupName)
    params: {
      site: environment.site
      reporter: environment.reporter!
      ingestionEndpoint: runs.outputs.endpoint
      ruleImmutableId: runs.outputs.immutableId
      stream: runs.outputs.stream
    }
    dependsOn: [
      writers[i]
    ]
  }
]

module failures 'modules/run-failures.bicep' = if (alerts) {
  scope: resourceGroup(platformGroupName)
  params: {
    location: location
    tags: tags
    name: failuresAlertName
    workspaceId: workspaceId
    actionGroupId: actionGroupId
  }
  dependsOn: [
    runs
    actionGroup
  ]
}

module capAlert 'modules/daily-cap.bicep' = if (alerts && capAlertName != null) {
  scope: resourceGroup(platformGroupName)
  params: {
    location: location
    tags: tags
    name: capAlertName!
    workspaceId: workspaceId
    actionGroupId: actionGroupId
  }
  dependsOn: [
    actionGroup
  ]
}

module containerLogs 'modules/container-logs.bicep' = if (containerLogPlan != null) {
  scope: resourceGroup(platformGroupName)
  params: {
    workspaceName: workspaceName
    plan: containerLogPlan!
    retentionDays: retentionDays
  }
}

module diagnostics 'modules/diagnostics.bicep' = [
  for environment in environments: {
    scope: resourceGroup(environment.site.subscriptionId, environment.site.resourceGroupName)
    params: {
      environment: environment
      workspaceId: workspaceId
    }
  }
]

module rules 'modules/alerts.bicep' = [
  for environment in environments: if (alerts) {
    scope: resourceGroup(environment.site.subscriptionId, environment.site.resourceGroupName)
    params: {
      environment: environment
      workspaceId: workspaceId
      workspaceLocation: location
      actionGroupId: actionGroupId
      storageAlertBytes: storageAlertGb * 1073741824
    }
    dependsOn: [
      runs
      actionGroup
    ]
  }
]

module healthRules 'modules/health-alerts.bicep' = [
  for health in healthAlerts: if (alerts) {
    scope: resourceGroup(health.subscriptionId, health.resourceGroupName)
    params: {
      health: health
      actionGroupId: actionGroupId
    }
    dependsOn: [
      actionGroup
    ]
  }
]

module sharedRules 'modules/metric-alerts.bicep' = if (alerts && !empty(sharedTargets)) {
  scope: resourceGroup(platformGroupName)
  params: {
    tags: tags
    targets: sharedTargets
    actionGroupId: actionGroupId
  }
  dependsOn: [
    actionGroup
  ]
}

module tests 'modules/web-test.bicep' = [
  for environment in environments: if (environment.?webTest != null) {
    scope: resourceGroup(environment.site.subscriptionId, environment.site.resourceGroupName)
    params: {
      site: environment.site
      test: environment.webTest!
      componentName: environment.componentName
      alertName: environment.alertNames.reach
      actionGroupId: alerts ? actionGroupId : null
    }
    dependsOn: [
      actionGroup
    ]
  }
]

module databases 'modules/postgres-watch.bicep' = [
  for server in servers: {
    scope: resourceGroup(server.subscriptionId, server.resourceGroupName)
    params: {
      server: server
      workspaceId: workspaceId
      actionGroupId: alerts ? actionGroupId : null
    }
    dependsOn: [
      actionGroup
    ]
  }
]

module workbook 'modules/workbook.bicep' = {
  scope: resourceGroup(platformGroupName)
  params: {
    location: location
    tags: tags
    title: workbookTitle
    workspaceId: workspaceId
  }
  dependsOn: [
    runs
  ]
}

module spending 'modules/budget.bicep' = [
  for budget in budgets: if (budgetAmount > 0) {
    scope: subscription(budget.subscriptionId)
    params: {
      budget: budget
      amount: budgetAmount
      startDate: budgetStart!
      currentStart: json(budgetStarts[?budget.subscriptionId] ?? 'null')
      emails: emails
    }
  }
]

@description('Logs ingestion endpoint of the data collection rule; the installer passes it to the reporter in AKS.')
output ingestionEndpoint string = runs.outputs.endpoint

@description('Immutable id of the data collection rule.')
output ingestionRule string = runs.outputs.immutableId

@description('Stream of the data collection rule that rows are sent to.')
output ingestionStream string = runs.outputs.stream
