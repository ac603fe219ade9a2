// The installer approves the private link and recognizes its own request by the message.

metadata name = 'Front Door'
metadata description = 'A Front Door with a web application firewall and a private link to the web app.'

import { Tags, WafMode } from '../types.bicep'
import { callbackFields, FrontDoor, Origin, sessionCookies, tokenRules } from '../types/ingress.bicep'

@description('Tags of the profile.')
param tags Tags

@description('The Front Door.')
param frontDoor FrontDoor

@description('Public host name of the web app.')
param hostName string

@description('The web app behind the ingress.')
param origin Origin

@description('Resource id of the web app, or of its Container Apps environment.')
param originId string

@description('Resource id of the Key Vault secret with the certificate; null for a managed certificate.')
param certificateId string?

@description('Mode of the web application firewall.')
param wafMode WafMode

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

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = if (frontDoor.?identityName != null) {
  name: frontDoor.identityName!
}

resource profile 'Microsoft.Cdn/profiles@2025-06-01' = {
  name: frontDoor.name
  location: 'global'
  tags: tags
  sku: {
    name: 'Premium_AzureFrontDoor'
  }
  identity: frontDoor.?identityName == null
    ? null
    : {
        type: 'UserAssigned'
        userAssignedIdentities: {
          '${identity.id}': {}
        }
      }
  properties: {
    originResponseTimeoutSeconds: 120
  }
}

resource endpoint 'Microsoft.Cdn/profiles/afdEndpoints@2025-06-01' = {
  parent: profile
  name: frontDoor.endpointName
  location: 'global'
  tags: tags
  properties: {
    enabledState: 'Enabled'
  }
}

resource originGroup 'Microsoft.Cdn/profiles/originGroups@2025-06-01' = {
  parent: profile
  name: 'web'
  properties: {
    loadBalancingSettings: {
      sampleSize: 4
      successfulSamplesRequired: 3
      additionalLatencyInMilliseconds: 50
    }
    healthProbeSettings: {
      probePath: origin.healthPath
      probeProtocol: 'Https'
      probeRequestType: 'GET'
      probeIntervalInSeconds: 100
    }
    sessionAffinityState: 'Disabled'
  }
}

resource webOrigin 'Microsoft.Cdn/profiles/originGroups/origins@2025-06-01' = {
  parent: originGroup
  name: 'web'
  properties: {
    hostName: origin.hostName
    originHostHeader: origin.hostName
    httpsPort: 443
    priority: 1
    weight: 1000
    enabledState: 'Enabled'
    enforceCertificateNameCheck: true
    sharedPrivateLinkResource: {
      privateLink: {
        id: originId
      }
      groupId: frontDoor.groupId
      privateLinkLocation: frontDoor.privateLinkLocation
      requestMessage: frontDoor.requestMessage
    }
  }
}

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

resource customDomain 'Microsoft.Cdn/profiles/customDomains@2025-06-01' = {
  parent: profile
  name: frontDoor.domainName
  properties: {
    hostName: hostName
    tlsSettings: {
      certificateType: certificateId == null ? 'ManagedCertificate' : 'CustomerCertificate'
      minimumTlsVersion: 'TLS12'
      ...(certificateId == null ? {} : { secret: { id: certificate.id } })
    }
  }
}

resource route 'Microsoft.Cdn/profiles/afdEndpoints/routes@2025-06-01' = {
  parent: endpoint
  name: 'web'
  properties: {
    customDomains: [
      {
        id: customDomain.id
      }
    ]
    originGroup: {
      id: originGroup.id
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
    webOrigin
  ]
}

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
    managedRules: {
      managedRuleSets: [
        {
          ruleSetType: 'Microsoft_DefaultRuleSet'
          ruleSetVersion: '2.1'
          ruleSetAction: 'Block'
          ruleGroupOverrides: map(items(tokenRules), group => {
            ruleGroupName: group.key
            rules: map(group.value, rule => {
              ruleId: rule
              enabledState: contains(replacedRules, rule) ? 'Disabled' : 'Enabled'
              action: 'AnomalyScoring'
              exclusions: contains(replacedRules, rule) ? [] : tokenExclusions
            })
          })
        }
        {
          ruleSetType: 'Microsoft_BotManagerRuleSet'
          ruleSetVersion: '1.1'
        }
      ]
    }
  }
}

resource securityPolicy 'Microsoft.Cdn/profiles/securityPolicies@2025-06-01' = {
  parent: profile
  name: 'waf'
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
              id: customDomain.id
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

@description('Host name of the endpoint, the CNAME target of the custom domain.')
output endpointHostName string = endpoint.properties.hostName

@description('DNS validation token of the custom domain.')
output validationToken string = customDomain.properties.validationProperties.validationToken

@description('Resource id of the Front Door.')
output resourceId string = profile.id
