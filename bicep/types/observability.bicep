metadata name = 'Types of the observability stage'
metadata description = 'Parameter types of the observability stage.'

import { Site, Tags } from '../types.bicep'

@export()
@description('An availability test of a public address from several locations.')
type WebTest = {
  @description('Name of the test.')
  name: string
  @description('URL to test.')
  url: string
  @description('Location ids of Application Insights that run the test.')
  places: string[]
}

@export()
@description('The job that reports Prefect runs to Azure Monitor.')
type Reporter = {
  @description('Name of the job.')
  name: string
  @description('Name of the Container Apps environment.')
  environmentName: string
  @description('Image, including its registry.')
  image: string
  @description('Login server of the registry that the image is pulled from.')
  registryHost: string
  @description('Resource id of the identity of the worker, which runs the job and pulls the image.')
  identityId: string
  @description('Environment variables of the job.')
  settings: {
    @description('Value of the variable.')
    *: string
  }
  @description('Environment variables with values in the key vault, by name.')
  keptValues: {
    @description('Key Vault URI of the secret.')
    *: string
  }
}

@export()
@description('Names of the alert rules of an environment.')
type AlertNames = {
  @description('Alert rule for a missing Prefect heartbeat.')
  silence: string
  @description('Alert rule for a failing availability test.')
  reach: string
  @description('Alert rule for a failing health check of the web app.')
  health: string
  @description('Alert rule for the size of the lake.')
  storage: string
}

@export()
@description('A resource with alert rules on its metrics.')
type AlertTarget = {
  @description('Kind of the resource, which names its rules.')
  kind: 'app' | 'cluster' | 'gateway' | 'lake' | 'nat' | 'plan' | 'postgres' | 'site' | 'vault'
  @description('Resource id.')
  resourceId: string
  @description('Prefix of the names of its alert rules.')
  alertPrefix: string
  @description('Thresholds that depend on the size of the resource, by rule.')
  thresholds: {
    @description('Value of the metric.')
    *: int
  }?
}

@export()
@description('Health alert rules of one resource group.')
type HealthAlerts = {
  @description('Subscription.')
  subscriptionId: string
  @description('Resource group of the monitored resources and of the alert rules.')
  resourceGroupName: string
  @description('Tags of the alert rules.')
  tags: Tags
  @description('Prefix of their names.')
  alertPrefix: string
  @description('Whether the alert rules for the Azure services of the subscription are here.')
  watchesServices: bool
}

@export()
@description('An environment that is monitored.')
type WatchedEnvironment = {
  @description('The environment and its location.')
  site: Site
  @description('Name of the storage account.')
  storageAccountName: string
  @description('Name of the key vault.')
  keyVaultName: string
  @description('Name of the AKS cluster; omitted without one.')
  kubernetesName: string?
  @description('Name of the web app; App Service only.')
  webSiteName: string?
  @description('Name of its staging slot; omitted without one.')
  slotName: string?
  @description('Whether the data lake has queues.')
  hasQueue: bool
  @description('Name of the Application Insights component.')
  componentName: string
  @description('Object id of the identity of the worker, which runs the reporter.')
  workerPrincipalId: string
  @description('Availability test of the public address; omitted without one.')
  webTest: WebTest?
  @description('The reporter job; omitted on AKS, where it is a CronJob in the cluster.')
  reporter: Reporter?
  @description('Names of the alert rules.')
  alertNames: AlertNames
  @description('Resources with alert rules on their metrics.')
  targets: AlertTarget[]
}

@export()
@description('A PostgreSQL server that is monitored.')
type WatchedServer = {
  @description('Name of the server.')
  name: string
  @description('Subscription.')
  subscriptionId: string
  @description('Resource group.')
  resourceGroupName: string
  @description('Tags of the alert rule.')
  tags: Tags
  @description('Alert rules on its metrics.')
  target: AlertTarget
}

@export()
@description('A budget of one subscription.')
type Budget = {
  @description('Name of the budget.')
  name: string
  @description('Subscription of the budget.')
  subscriptionId: string
  @description('Resource groups whose costs count towards the budget.')
  groupNames: string[]
}
