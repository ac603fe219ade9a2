// Stage 8, ingress of one environment: how people reach its web app from outside, through a web application firewall.

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

@description('How people reach the web app.')
param ingress Ingress

@description('What the firewall does with attacks.')
param wafMode WafMode

@description('Host name that people type.')
param hostName string

@description('The web app.')
param origin Origin

@description('Id of the web app, or of the environment that it runs in.')
param originId string

@description('The Application Gateway, for ingress through one.')
param gateway Gateway?

@description('Id of its subnet.')
param gatewaySubnetId string?

@description('The Front Door, for ingress through one.')
param frontDoor FrontDoor?

@description('Id of the secret that holds the certificate of the Front Door; absent where it gets one by itself.')
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

@description('Where people reach the web app.')
output address string = 'https://${hostName}'

@description('Records that must stand in public DNS before people reach the web app.')
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
