// Stage 9, observability: what is written down where, who is told of what, what it may cost.

targetScope = 'subscription'

import { Tags } from 'types.bicep'
import { Budget, WatchedEnvironment, WatchedServer } from 'types/observability.bicep'

@description('Region of what all environments share.')
param location string

@description('Tags of the shared resources.')
param tags Tags

@description('Resource group of what all environments share.')
param platformGroupName string

@description('Name of the Log Analytics workspace.')
param workspaceName string

@description('Days that logs are kept.')
@minValue(30)
@maxValue(730)
param retentionDays int

@description('Name of the rule by which reporters write rows.')
param runsRuleName string

@description('Name of the group of those who are told.')
param actionGroupName string

@description('Name of that group in messages.')
param actionGroupShortName string

@description('Mail addresses of those who are told; without any there is no alert rule.')
param emails string[]

@description('Name of the rule that tells of failed runs.')
param failuresAlertName string

@description('Gigabytes in a lake at which an alert is raised.')
@minValue(1)
@maxValue(5000000)
param storageAlertGb int

@description('Title of the workbook.')
param workbookTitle string

@description('Amount a month, in the currency of the subscription, of whose use mails tell; 0: none.')
@minValue(0)
@maxValue(10000000)
param budgetAmount int

@description('First day of the month in which the budget begins; only where there is one.')
param budgetStart string?

@description('Budgets, one in each subscription.')
param budgets Budget[]

@description('The environments.')
param environments WatchedEnvironment[]

@description('The PostgreSQL servers.')
param servers WatchedServer[]

@description('Whether somebody is told when something goes wrong.')
var alerts = !empty(emails)

@description('Id of the Log Analytics workspace.')
var workspaceId = resourceId(
  subscription().subscriptionId,
  platformGroupName,
  'Microsoft.OperationalInsights/workspaces',
  workspaceName
)

@description('Id of the group of those who are told.')
var actionGroupId = resourceId(
  subscription().subscriptionId,
  platformGroupName,
  'Microsoft.Insights/actionGroups',
  actionGroupName
)

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
      emails: emails
    }
  }
]

@description('Where reporters send rows to; the one in a cluster is told by the installer.')
output ingestionEndpoint string = runs.outputs.endpoint

@description('Id of the rule that takes rows, as it is named there.')
output ingestionRule string = runs.outputs.immutableId

@description('Stream that rows are sent to.')
output ingestionStream string = runs.outputs.stream
