// The installer approves the private link and recognizes its own request by the message.

metadata name = 'Front Door'
metadata description = 'A Front Door with a web application firewall and private links to web apps.'

import { Tags, WafMode } from '../types.bicep'
import { categories, categoryGroup } from '../types/interfaces.bicep'
import {
  callbackFields
  DnsRecord
  FrontDoor
  partName
  PublicApp
  ruleSets
  sessionCookies
  tokenRules
} from '../types/ingress.bicep'

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

// learn.microsoft.com, web-application-firewall/afds/waf-front-door-drs ("Tuning of managed rule sets")
@description('Rules that newer rules of the same rule set replace; an override that names them would enable them.')
var replacedRules = ['942430', '942440']

// learn.microsoft.com, web-application-firewall/afds/waf-front-door-exclusion
@description('Sign-in tokens that these rules do not inspect.')
var tokenExclusions = concat(
  map(callbackFields, field => {
    matchVariable: 'RequestBodyPostArgNames'
    selectorMatchOperator: 'Equals'
    selector: field
  }),
  map(sessionCookies, cookie => {
    matchVariable: 'RequestCookieNames'
    selectorMatchOperator: 'StartsWith'
    selector: cookie
  })
)

@description('Changes of others to managed rules.')
var changes = json(keptManagedRules ?? '{}')

@description('Changes of others to groups of the default rule set.')
var groups = changes.?ruleGroupOverrides.?Microsoft_DefaultRuleSet ?? []

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

resource firewallPolicy 'Microsoft.Network/FrontDoorWebApplicationFirewallPolicies@2025-10-01' = {
  name: frontDoor.policyName
  location: 'global'
  tags: tags
  sku: {
    name: 'Premium_AzureFrontDoor'
  }
  properties: {
    policySettings: {
      enabledState: 'Enabled'
      mode: wafMode
      requestBodyCheck: 'Enabled'
    }
    customRules: {
      rules: json(keptRules ?? '[]')
    }
    managedRules: {
      managedRuleSets: concat([
        {
          ruleSetType: 'Microsoft_DefaultRuleSet'
          ruleSetVersion: ruleSets.Microsoft_DefaultRuleSet
          ruleSetAction: 'Block'
          exclusions: changes.?ruleSetExclusions.?Microsoft_DefaultRuleSet ?? []
          ruleGroupOverrides: concat(
            map(items(tokenRules), group => {
              ruleGroupName: group.key
              exclusions: flatten(map(filter(groups, one => one.ruleGroupName == group.key), one => one.?exclusions ?? []))
              rules: concat(
                map(group.value, rule => {
                  ruleId: rule
                  enabledState: contains(replacedRules, rule) ? 'Disabled' : 'Enabled'
                  action: 'AnomalyScoring'
                  exclusions: concat(
                    contains(replacedRules, rule) ? [] : tokenExclusions,
                    flatten(map(
                      filter(
                        flatten(map(filter(groups, one => one.ruleGroupName == group.key), one => one.rules)),
                        one => one.ruleId == rule
                      ),
                      one => one.exclusions
                    ))
                  )
                }),
                filter(
                  flatten(map(filter(groups, one => one.ruleGroupName == group.key), one => one.rules)),
                  one => !contains(group.value, one.ruleId)
                )
              )
            }),
            filter(groups, one => !contains(tokenRules, one.ruleGroupName))
          )
        }
        {
          ruleSetType: 'Microsoft_BotManagerRuleSet'
          ruleSetVersion: ruleSets.Microsoft_BotManagerRuleSet
          exclusions: changes.?ruleSetExclusions.?Microsoft_BotManagerRuleSet ?? []
          ruleGroupOverrides: changes.?ruleGroupOverrides.?Microsoft_BotManagerRuleSet ?? []
        }
      ], changes.?managedRuleSets ?? [])
    }
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
          id: firewallPolicy.id
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
