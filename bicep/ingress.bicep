metadata name = 'Stage 8: ingress'
metadata description = 'Public access to the web app of one environment through a web application firewall.'

targetScope = 'subscription'

import { Ingress, Tags, WafMode } from 'types.bicep'
import { DnsRecord, FrontDoor, Gateway, Origin } from 'types/ingress.bicep'

@description('Region of the environment.')
param location string

@description('Tags of the resources.')
param tags Tags

@description('Subscription of the environment.')
param subscriptionId string

@description('Resource group of the environment.')
param resourceGroupName string

@description('Resource id of the Log Analytics workspace.')
param workspaceId string

@description('Ingress type of the web app.')
param ingress Ingress

@description('Mode of the web application firewall.')
param wafMode WafMode

@description('Public host name of the web app.')
param hostName string

@description('The web app behind the ingress.')
param origin Origin

@description('Resource id of the web app, or of its Container Apps environment.')
param originId string

@description('The Application Gateway; omitted for other ingress types.')
param gateway Gateway?

@description('Resource id of the gateway subnet.')
param gatewaySubnetId string?

@description('The Front Door; omitted for other ingress types.')
param frontDoor FrontDoor?

@description('Resource id of the Key Vault secret with the certificate of the Front Door; omitted for a managed certificate.')
param certificateId string?

module applicationGateway 'modules/gateway.bicep' = if (ingress == 'gateway') {
  scope: resourceGroup(subscriptionId, resourceGroupName)
  params: {
    location: location
    tags: tags
    gateway: gateway!
    subnetId: gatewaySubnetId!
    hostName: hostName
    origin: origin
    wafMode: wafMode
    workspaceId: workspaceId
  }
}

module frontDoorProfile 'modules/front-door.bicep' = if (ingress == 'frontdoor') {
  scope: resourceGroup(subscriptionId, resourceGroupName)
  params: {
    tags: tags
    frontDoor: frontDoor!
    hostName: hostName
    origin: origin
    originId: originId
    certificateId: certificateId
    wafMode: wafMode
  }
}

@description('Public URL of the web app.')
output address string = 'https://${hostName}'

@description('Public DNS records that the web app needs.')
output dnsRecords DnsRecord[] = ingress == 'gateway'
  ? [
      {
        name: hostName
        type: 'A'
        value: applicationGateway.?outputs.address ?? ''
      }
    ]
  : [
      {
        name: '_dnsauth.${hostName}'
        type: 'TXT'
        value: frontDoorProfile.?outputs.validationToken ?? ''
      }
      {
        name: hostName
        type: 'CNAME'
        value: frontDoorProfile.?outputs.endpointHostName ?? ''
      }
    ]
