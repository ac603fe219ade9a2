// Stage 7, control plane: the FlowForge web app of one environment, and Prefect where it runs on Container Apps.

targetScope = 'subscription'

import { Endpoint, SignOnMethod, Site } from 'types.bicep'
import { AppService, AppsZone, ContainerApp } from 'types/controlplane.bicep'

@description('The environment.')
param site Site

@description('What the web app runs on.')
param controlPlane 'app_service' | 'container_app'

@description('How an App Service runs the web app, if one does.')
param appService AppService?

@description('Size of the App Service plan; only with one.')
param webPlanSize ('P0v3' | 'P1v3' | 'P2v3' | 'P3v3')?

@description('Whether there is a second copy of the web app to try a new version on; only with App Service.')
param stagingSlot bool?

@description('Whether the plan is spread over the zones of the region.')
param zoneRedundant bool

@description('Repository and tag or digest of the image.')
@maxLength(255)
param webImage string

@description('Registry that images are pulled from.')
param registryHost string

@description('Identity of the web app.')
param identityName string

@description('Application (client) id of the identity of the web app.')
param identityClientId string

@description('Object id of the identity of the web app.')
param identityPrincipalId string

@description('Path that answers when the web app is well.')
param healthPath string

@description('Environment variables of the web app.')
param settings { *: string }

@description('Name of the Application Insights component.')
param componentName string

@description('Id of the Log Analytics workspace.')
param workspaceId string

@description('How people sign in.')
param signOnMethod SignOnMethod

@description('Issuer of the tokens that people sign in with.')
param signOnIssuer string

@description('Application (client) id of the app registration; only with one.')
param signOnClientId string?

@description('Address of the client secret in the key vault; only with sign-on by secret.')
param credentialUri string?

@description('Identity that stands in for a client secret; only with secretless sign-on.')
param authIdentityName string?

@description('Application (client) id of that identity; only with secretless sign-on.')
param authIdentityClientId string?

@description('Private endpoints of the web app.')
param endpoints Endpoint[]

@description('Name of the Container Apps environment, if there is one.')
param appsEnvironmentName string?

@description('Host name of the web app, if it is a Container App.')
param webHost string?

@description('Container Apps: the web app where it is one, the Prefect server and its worker.')
param apps ContainerApp[]

@description('Whether a proxy of ours stands before a web app that is a Container App.')
param behindProxy bool?

@description('Private DNS zone of the Container Apps environment, if it is inside a network.')
param appsZone AppsZone?

@description('Name that App Service gives to the setting through which an identity stands in for a client secret.')
var identitySettingName = 'OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID'

@description('Name of the setting that refers to the client secret in the key vault.')
var keptSettingName = 'MICROSOFT_PROVIDER_AUTHENTICATION_SECRET'

@description('Settings that sign-on needs.')
var signOnSettings = signOnMethod == 'secretless'
  ? { '${identitySettingName}': authIdentityClientId! }
  : signOnMethod == 'secret' ? { '${keptSettingName}': '@Microsoft.KeyVault(SecretUri=${credentialUri!})' } : {}

module component 'modules/component.bicep' = {
  scope: resourceGroup(site.subscriptionId, site.resourceGroupName)
  params: {
    site: site
    name: componentName
    workspaceId: workspaceId
    reporterId: identityPrincipalId
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
    settings: {
      ...settings
      ...signOnSettings
      APPLICATIONINSIGHTS_CONNECTION_STRING: component.outputs.connection
    }
    healthPath: healthPath
    signOnMethod: signOnMethod
    signOnClientId: signOnClientId
    signOnIssuer: signOnIssuer
    credentialSettingName: signOnMethod == 'secret' ? keptSettingName : identitySettingName
    stagingSlot: stagingSlot!
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
        ? { ...app, secrets: { ...app.secrets, '${keptSettingName}': credentialUri! } }
        : app
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
  scope: resourceGroup(site.subscriptionId, site.resourceGroupName)
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
      zoneId: endpoint.?zoneId
    }
    dependsOn: [
      web
    ]
  }
]

@description('Host name of the web app.')
output host string = web.?outputs.host ?? webHost!
