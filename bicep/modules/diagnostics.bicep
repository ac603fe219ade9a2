metadata name = 'Diagnostic settings'
metadata description = 'Diagnostic settings that send the resource logs of an environment to Log Analytics.'

import { categories, categoryGroup } from '../types/interfaces.bicep'
import { WatchedEnvironment } from '../types/observability.bicep'

@description('The environment.')
param environment WatchedEnvironment

@description('Resource id of the Log Analytics workspace.')
param workspaceId string

@description('Log categories of a cluster; auditing every API request would cost more than the cluster.')
var clusterLogs = ['kube-audit-admin', 'guard', 'cluster-autoscaler', 'kube-controller-manager']

@description('Log categories of a web app.')
var siteLogs = [
  'AppServiceHTTPLogs'
  'AppServiceConsoleLogs'
  'AppServicePlatformLogs'
  'AppServiceAuditLogs'
  'AppServiceIPSecAuditLogs'
  'AppServiceAuthenticationLogs'
]

resource storageAccount 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: environment.storageAccountName

  resource blobService 'blobServices' existing = {
    name: 'default'
  }
}

resource queueService 'Microsoft.Storage/storageAccounts/queueServices@2025-06-01' existing = {
  parent: storageAccount
  name: 'default'
}

resource vault 'Microsoft.KeyVault/vaults@2026-02-01' existing = {
  name: environment.keyVaultName
}

resource cluster 'Microsoft.ContainerService/managedClusters@2026-03-01' existing = if (environment.?kubernetesName != null) {
  name: environment.?kubernetesName ?? 'none'
}

resource webApp 'Microsoft.Web/sites@2025-03-01' existing = if (environment.?webSiteName != null) {
  name: environment.?webSiteName ?? 'none'
}

resource slot 'Microsoft.Web/sites/slots@2025-03-01' existing = if (environment.?slotName != null) {
  parent: webApp
  name: environment.?slotName ?? 'none'
}

#disable-next-line use-recent-api-versions // The newest stable version has no category groups.
resource blobDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: storageAccount::blobService
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logs: categoryGroup('audit')
    metrics: categories(['Transaction', 'Capacity'])
  }
}

#disable-next-line use-recent-api-versions // The newest stable version has no category groups.
resource queueDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = if (environment.hasQueue) {
  scope: queueService
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logs: categoryGroup('audit')
  }
}

#disable-next-line use-recent-api-versions // The newest stable version has no category groups.
resource vaultDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: vault
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logs: categoryGroup('audit')
    metrics: categories(['AllMetrics'])
  }
}

#disable-next-line use-recent-api-versions // The newest stable version has no category groups.
resource clusterDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = if (environment.?kubernetesName != null) {
  scope: cluster
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logAnalyticsDestinationType: 'Dedicated'
    logs: categories(clusterLogs)
    metrics: categories(['AllMetrics'])
  }
}

#disable-next-line use-recent-api-versions // The newest stable version has no category groups.
resource webAppDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = if (environment.?webSiteName != null) {
  scope: webApp
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logs: categories(siteLogs)
    metrics: categories(['AllMetrics'])
  }
}

#disable-next-line use-recent-api-versions // The newest stable version has no category groups.
resource slotDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = if (environment.?slotName != null) {
  scope: slot
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logs: categories(siteLogs)
  }
}

@description('Resource id of the diagnostic setting of the lake.')
output resourceId string = blobDiagnostics.id
