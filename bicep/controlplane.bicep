metadata name = 'Stage 7: control plane'
metadata description = 'The FlowForge web app of one environment, and Prefect where it runs on Container Apps.'

targetScope = 'subscription'

import { Endpoint, KeptByOthers, SignOnMethod, Site } from 'types.bicep'
import { AppService, AppsZone, ContainerApp } from 'types/controlplane.bicep'

@description('The environment.')
param site Site

@description('Service that hosts the web app.')
param controlPlane 'app_service' | 'container_app'

@description('App Service settings of the web app; omitted when it runs on Container Apps.')
param appService AppService?

@description('SKU of the App Service plan; App Service only.')
param webPlanSize ('P0v3' | 'P1v3' | 'P2v3' | 'P3v3')?

@description('Current number of workers of the App Service plan; App Service only.')
param currentWebWorkers int?

@description('Whether the web app has a staging slot; App Service only.')
param stagingSlot bool?

@description('Names of the environment variables that lead to data; App Service only.')
param dataSettingNames string[]?

@description('Whether the staging slot works with the data of the environment; App Service only.')
param slotData ('none' | 'environment')?

@description('Whether the App Service plan is zone-redundant.')
param zoneRedundant bool

@description('Repository and digest of the web image.')
@maxLength(330)
param webImage string

@description('Login server of the registry that images are pulled from.')
param registryHost string

@description('Name of the managed identity of the web app.')
param identityName string

@description('Application (client) id of the identity of the web app.')
param identityClientId string

@description('Object id of the identity of the web app.')
param identityPrincipalId string

@description('Health check path of the web app.')
param healthPath string

@description('Environment variables of the web app.')
param settings { *: string }

@description('Whether others have added app settings to the web app on App Service.')
param keepsSettings bool?

@description('App settings that others have added to the web app on App Service.')
@secure()
param keptSettings { *: string }?

@description('Whether others have added app settings to its staging slot.')
param keepsSlotSettings bool?

@description('App settings that others have added to its staging slot.')
@secure()
param keptSlotSettings { *: string }?

@description('Settings of others, which a redeployment must not remove.')
param kept KeptByOthers?

@description('Name of the Application Insights component.')
param componentName string

@description('Whether the Application Insights component accepts telemetry from public networks.')
param publicIngestion bool

@description('Resource id of the Log Analytics workspace.')
param workspaceId string

@description('Sign-on method of the web app.')
param signOnMethod SignOnMethod

@description('Issuer of the tokens that users sign in with.')
param signOnIssuer string

@description('Application (client) id of the app registration; omitted without one.')
param signOnClientId string?

@description('Key Vault URI of the client secret; only for sign-on with a client secret.')
param credentialUri string?

@description('Name of the managed identity that replaces the client secret; only for secretless sign-on.')
param authIdentityName string?

@description('Application (client) id of that identity; only for secretless sign-on.')
param authIdentityClientId string?

@description('Private endpoints of the web app.')
param endpoints Endpoint[]

@description('Name of the Container Apps environment; omitted without one.')
param appsEnvironmentName string?

@description('Host name of the web app; Container Apps only.')
param webHost string?

@description('Container Apps: the web app, the Prefect server and its worker, where they run on Container Apps.')
param apps ContainerApp[]

@description('Whether the web app is behind the Application Gateway or Front Door of the installation; Container Apps only.')
param behindProxy bool?

@description('Private DNS zone of the Container Apps environment; omitted with public endpoints.')
param appsZone AppsZone?

@description('App setting, defined by App Service, that names the managed identity replacing the client secret.')
var identitySettingName = 'OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID'

@description('Name of the app setting that references the client secret in the key vault.')
var secretSettingName = 'MICROSOFT_PROVIDER_AUTHENTICATION_SECRET'

@description('App settings for sign-on.')
var signOnSettings = signOnMethod == 'secretless'
  ? { '${identitySettingName}': authIdentityClientId! }
  : signOnMethod == 'secret' ? { '${secretSettingName}': '@Microsoft.KeyVault(SecretUri=${credentialUri!})' } : {}

module component 'modules/component.bicep' = {
  scope: resourceGroup(site.subscriptionId, site.resourceGroupName)
  params: {
    site: site
    name: componentName
    workspaceId: workspaceId
    reporterId: identityPrincipalId
    publicIngestion: publicIngestion
  }
}

module plan 'modules/web-plan.bicep' = if (controlPlane == 'app_service') {
  scope: resourceGroup(site.subscriptionId, site.resourceGroupName)
  params: {
    location: site.location
    tags: site.tags
    name: appService!.planName
    size: webPlanSize!
    zoneRedundant: zoneRedundant
    currentWorkers: currentWebWorkers
  }
}

module web 'modules/web-app.bicep' = if (controlPlane == 'app_service') {
  scope: resourceGroup(site.subscriptionId, site.resourceGroupName)
  params: {
    site: site
    service: appService!
    image: '${registryHost}/${webImage}'
    identityName: identityName
    identityClientId: identityClientId
    authIdentityName: authIdentityName
    keepsSettings: keepsSettings ?? false
    keepsSlotSettings: keepsSlotSettings ?? false
    keptSettings: keptSettings ?? {}
    keptSlotSettings: keptSlotSettings ?? {}
    keptSlotNames: kept[?'sites/${appService!.siteName}/slotConfigNames']
    settings: {
      ...settings
      ...signOnSettings
      APPLICATIONINSIGHTS_CONNECTION_STRING: component.outputs.connection
    }
    healthPath: healthPath
    signOnMethod: signOnMethod
    signOnClientId: signOnClientId
    signOnIssuer: signOnIssuer
    credentialSettingName: signOnMethod == 'secret' ? secretSettingName : identitySettingName
    stagingSlot: stagingSlot!
    dataSettingNames: dataSettingNames!
    slotHasData: slotData == 'environment'
  }
  dependsOn: [
    plan
  ]
}

module containerApps 'modules/container-app.bicep' = [
  for app in apps: {
    scope: resourceGroup(site.subscriptionId, site.resourceGroupName)
    params: {
      site: site
      environmentName: appsEnvironmentName!
      registryHost: registryHost
      app: app.isWeb && signOnMethod == 'secret'
        ? { ...app, secrets: { ...app.secrets, '${secretSettingName}': credentialUri! } }
        : app
      keptIngress: kept[?'containerApps/${app.name}']
      keptVariables: kept[?'containerApps/${app.name}/env']
      connection: app.isWeb ? component.outputs.connection : null
      authIdentityName: app.isWeb ? authIdentityName : null
      authIdentityClientId: app.isWeb ? authIdentityClientId : null
    }
  }
]

module containerAuth 'modules/container-auth.bicep' = [
  for app in filter(apps, app => app.isWeb): {
    scope: resourceGroup(site.subscriptionId, site.resourceGroupName)
    params: {
      appName: app.name
      signOnMethod: signOnMethod
      signOnClientId: signOnClientId
      signOnIssuer: signOnIssuer
      healthPath: healthPath
      behindProxy: behindProxy ?? false
    }
    dependsOn: [
      containerApps
    ]
  }
]

module zone 'modules/apps-zone.bicep' = if (appsZone != null) {
  scope: resourceGroup(appsZone!.subscriptionId, appsZone!.resourceGroupName)
  params: {
    site: site
    zone: appsZone!
    networkIds: appsZone!.networkIds
  }
}

module privateEndpoints 'modules/endpoint.bicep' = [
  for endpoint in endpoints: {
    scope: resourceGroup(endpoint.subscriptionId, endpoint.resourceGroupName)
    params: {
      endpoint: endpoint
      subnetId: endpoint.subnetId
      targetId: endpoint.targetId
      zoneIds: endpoint.?zoneIds
    }
    dependsOn: [
      web
    ]
  }
]

@description('Host name of the web app.')
output host string = web.?outputs.host ?? webHost!
