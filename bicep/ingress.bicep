metadata name = 'Stage 8: ingress'
metadata description = 'Public access to web apps through a web application firewall.'

targetScope = 'subscription'

import { Ingress, KeptByOthers, Tags, WafMode } from 'types.bicep'
import { DnsRecord, FrontDoor, Gateway, PublicApp } from 'types/ingress.bicep'

@description('Region of the ingress.')
param location string

@description('Tags of the resources.')
param tags Tags

@description('Subscription of the ingress.')
param subscriptionId string

@description('Resource group of the ingress.')
param resourceGroupName string

@description('Resource id of the Log Analytics workspace.')
param workspaceId string

@description('Ingress type of the web apps.')
param ingress Ingress

@description('Mode of the web application firewall.')
param wafMode WafMode

@description('The web apps: that of one environment, or those of all.')
@minLength(1)
param apps PublicApp[]

@description('Resource ids of the web apps, or of their Container Apps environments, in the same order.')
param originIds string[]

@description('The Application Gateway; omitted for other ingress types.')
param gateway Gateway?

@description('Resource id of the gateway subnet.')
param gatewaySubnetId string?

@description('The Front Door; omitted for other ingress types.')
param frontDoor FrontDoor?

@description('Resource id of the Key Vault secret with the certificate of the Front Door; omitted for a managed certificate.')
param certificateId string?

@description('Custom rules that others have added to firewall policies, which a redeployment must not remove.')
param kept KeptByOthers?

module applicationGateway 'modules/gateway.bicep' = if (ingress == 'gateway') {
  scope: resourceGroup(subscriptionId, resourceGroupName)
  params: {
    location: location
    tags: tags
    gateway: gateway!
    keptRules: kept[?'ApplicationGatewayWebApplicationFirewallPolicies/${gateway!.policyName}']
    keptManagedRules: kept[?'ApplicationGatewayWebApplicationFirewallPolicies/${gateway!.policyName}/managedRules']
    subnetId: gatewaySubnetId!
    apps: apps
    wafMode: wafMode
    workspaceId: workspaceId
  }
}

module frontDoorProfile 'modules/front-door.bicep' = if (ingress == 'frontdoor') {
  scope: resourceGroup(subscriptionId, resourceGroupName)
  params: {
    tags: tags
    frontDoor: frontDoor!
    keptRules: kept[?'FrontDoorWebApplicationFirewallPolicies/${frontDoor!.policyName}']
    keptManagedRules: kept[?'FrontDoorWebApplicationFirewallPolicies/${frontDoor!.policyName}/managedRules']
    apps: apps
    originIds: originIds
    certificateId: certificateId
    wafMode: wafMode
    workspaceId: workspaceId
  }
}

@description('Public URLs of the web apps.')
output addresses string[] = map(apps, app => 'https://${app.hostName}')

@description('Public DNS records that the web apps need.')
output dnsRecords DnsRecord[] = ingress == 'gateway'
  ? map(apps, app => {
      name: app.hostName
      type: 'A'
      value: applicationGateway.?outputs.address ?? ''
    })
  : concat(frontDoorProfile.?outputs.validationRecords ?? [], frontDoorProfile.?outputs.aliasRecords ?? [])
