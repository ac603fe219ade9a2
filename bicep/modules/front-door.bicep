// The installer approves the private link and recognizes its own request by the message.

metadata name = 'Front Door'
metadata description = 'A Front Door with a web application firewall and private links to web apps.'

import { Tags, WafMode } from '../types.bicep'
import { categories, categoryGroup } from '../types/interfaces.bicep'
import { DnsRecord, FrontDoor, partName, PublicApp } from '../types/ingress.bicep'

@description('Tags of the profile.')
param tags Tags

@description('The Front Door.')
param frontDoor FrontDoor

@description('The web apps behind the Front Door.')
param apps PublicApp[]

@description('Resource ids of the web apps, or of their Container Apps environments, in the same order.')
param originIds string[]

@description('Resource id of the Key Vault secret with the certificate; null for a managed certificate.')
param certificateId string?

@description('Resource id of the Log Analytics workspace.')
param workspaceId string

@description('Mode of the web application firewall.')
param wafMode WafMode

@description('Custom rules of others: JSON text; null for none.')
param keptRules string?

@description('Changes of others to managed rules: JSON text; null for none.')
param keptManagedRules string?

resource profile 'Microsoft.Cdn/profiles@2025-06-01' = {
  name: frontDoor.name
  location: 'global'
  tags: tags
  sku: {
    name: 'Premium_AzureFrontDoor'
  }
  identity: frontDoor.?identityId == null
    ? null
    : {
        type: 'UserAssigned'
        userAssignedIdentities: {
          '${frontDoor.identityId!}': {}
        }
      }
  properties: {
    originResponseTimeoutSeconds: 120
  }
}

resource endpoints 'Microsoft.Cdn/profiles/afdEndpoints@2025-06-01' = [
  for app in apps: {
    parent: profile
    name: app.endpointName
    location: 'global'
    tags: tags
    properties: {
      enabledState: 'Enabled'
    }
  }
]

resource originGroups 'Microsoft.Cdn/profiles/originGroups@2025-06-01' = [
  for app in apps: {
    parent: profile
    name: app.part
    properties: {
      loadBalancingSettings: {
        sampleSize: 4
        successfulSamplesRequired: 3
        additionalLatencyInMilliseconds: 50
      }
      healthProbeSettings: {
        probePath: app.healthPath
        probeProtocol: 'Https'
        probeRequestType: 'GET'
        probeIntervalInSeconds: 100
      }
      sessionAffinityState: 'Disabled'
    }
  }
]

resource origins 'Microsoft.Cdn/profiles/originGroups/origins@2025-06-01' = [
  for (app, i) in apps: {
    parent: originGroups[i]
    name: 'web'
    properties: {
      hostName: app.originHostName
      originHostHeader: app.originHostName
      httpsPort: 443
      priority: 1
      weight: 1000
      enabledState: 'Enabled'
      enforceCertificateNameCheck: true
      sharedPrivateLinkResource: {
        privateLink: {
          id: originIds[i]
        }
        groupId: app.groupId
        privateLinkLocation: app.privateLinkLocation
        requestMessage: app.requestMessage
      }
    }
  }
]

resource certificate 'Microsoft.Cdn/profiles/secrets@2025-06-01' = if (certificateId != null) {
  parent: profile
  name: 'certificate'
  properties: {
    parameters: {
      type: 'CustomerCertificate'
      useLatestVersion: true
      secretSource: {
        id: certificateId!
      }
    }
  }
}

resource customDomains 'Microsoft.Cdn/profiles/customDomains@2025-06-01' = [
  for app in apps: {
    parent: profile
    name: app.domainName
    properties: {
      hostName: app.hostName
      tlsSettings: {
        certificateType: certificateId == null ? 'ManagedCertificate' : 'CustomerCertificate'
        minimumTlsVersion: 'TLS12'
        ...(certificateId == null ? {} : { secret: { id: certificate.id } })
      }
    }
  }
]

resource routes 'Microsoft.Cdn/profiles/afdEndpoints/routes@2025-06-01' = [
  for (app, i) in apps: {
    parent: endpoints[i]
    name: 'web'
    properties: {
      customDomains: [
        {
          id: customDomains[i].id
        }
      ]
      originGroup: {
        id: originGroups[i].id
      }
      supportedProtocols: [
        'Http'
        'Https'
      ]
      patternsToMatch: [
        '/*'
      ]
      forwardingProtocol: 'HttpsOnly'
      httpsRedirect: 'Enabled'
      linkToDefaultDomain: 'Disabled'
      enabledState: 'Enabled'
    }
    dependsOn: [
      origins[i]
    ]
  }
]

module firewall 'front-door-firewall.bicep' = {
  params: {
    tags: tags
    name: frontDoor.policyName
    wafMode: wafMode
    keptRules: keptRules
    keptManagedRules: keptManagedRules
  }
}

resource securityPolicies 'Microsoft.Cdn/profiles/securityPolicies@2025-06-01' = [
  for (app, i) in apps: {
    parent: profile
    name: partName('waf', app.part)
    properties: {
      parameters: {
        type: 'WebApplicationFirewall'
        wafPolicy: {
          id: firewall.outputs.resourceId
        }
        associations: [
          {
            domains: [
              {
                id: customDomains[i].id
              }
            ]
            patternsToMatch: [
              '/*'
            ]
          }
        ]
      }
    }
  }
]

#disable-next-line use-recent-api-versions // The newest stable version has no category groups.
resource diagnosticSetting 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: profile
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logs: categoryGroup('allLogs')
    metrics: categories(['AllMetrics'])
  }
}

@description('DNS validation records of the custom domains.')
output validationRecords DnsRecord[] = [
  for (app, i) in apps: {
    name: '_dnsauth.${app.hostName}'
    type: 'TXT'
    value: customDomains[i].properties.validationProperties.validationToken
  }
]

@description('CNAME records of the custom domains.')
output aliasRecords DnsRecord[] = [
  for (app, i) in apps: {
    name: app.hostName
    type: 'CNAME'
    value: endpoints[i].properties.hostName
  }
]

@description('Resource id of the Front Door.')
output resourceId string = profile.id
