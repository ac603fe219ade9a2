// What the stage that watches over the rest is given.

import { Site, Tags } from '../types.bicep'

@export()
@description('A test that asks a public address from several places.')
type WebTest = {
  @description('Name of the test.')
  name: string
  @description('Address that it asks.')
  url: string
  @description('Places that it asks from, as Application Insights names them.')
  places: string[]
}

@export()
@description('The job that tells Azure Monitor how the runs of Prefect went.')
type Reporter = {
  @description('Name of the job.')
  name: string
  @description('Container Apps environment that it runs in.')
  environmentName: string
  @description('Image, with its registry.')
  image: string
  @description('Registry that the image is pulled from.')
  registryHost: string
  @description('Id of the identity of the worker, as which it acts and by which the image is pulled.')
  identityId: string
  @description('Environment variables of the job.')
  settings: {
    @description('Value of the variable.')
    *: string
  }
  @description('Environment variable to the address of the value in the key vault.')
  keptValues: {
    @description('Address of the value in the key vault.')
    *: string
  }
}

@export()
@description('Names of the alert rules of an environment.')
type AlertNames = {
  @description('Prefect is not heard of.')
  silence: string
  @description('The web app is not reached from outside.')
  reach: string
  @description('The web app is not well.')
  health: string
  @description('The lake is full.')
  storage: string
}

@export()
@description('An environment that is watched.')
type WatchedEnvironment = {
  @description('The environment, and where it is built.')
  site: Site
  @description('Name of its storage account.')
  storageAccountName: string
  @description('Name of its key vault.')
  keyVaultName: string
  @description('Name of its Kubernetes cluster, if it has one.')
  kubernetesName: string?
  @description('Name of its web app, if that runs in an App Service.')
  webSiteName: string?
  @description('Name of its Application Gateway, if it has one.')
  gatewayName: string?
  @description('Name of its Front Door, if it has one.')
  frontDoorName: string?
  @description('Name of its Application Insights component.')
  componentName: string
  @description('Object id of the identity of its worker, as which the reporter acts.')
  workerPrincipalId: string
  @description('Test of its public address, if it has one.')
  webTest: WebTest?
  @description('The reporter; absent on Kubernetes, where it is a CronJob in the cluster.')
  reporter: Reporter?
  @description('Names of its alert rules.')
  alertNames: AlertNames
}

@export()
@description('A PostgreSQL server that is watched.')
type WatchedServer = {
  @description('Name of the server.')
  name: string
  @description('Subscription that it is in.')
  subscriptionId: string
  @description('Resource group that it is in.')
  resourceGroupName: string
  @description('Tags of its alert rule.')
  tags: Tags
  @description('Name of the rule that tells when its storage is nearly full.')
  alertName: string
}

@export()
@description('A budget of one subscription.')
type Budget = {
  @description('Name of the budget.')
  name: string
  @description('Subscription whose costs it watches.')
  subscriptionId: string
  @description('Resource groups whose costs count.')
  groupNames: string[]
}
