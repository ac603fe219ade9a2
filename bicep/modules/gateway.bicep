// It sends a web app its own host name, and the public host name in X-Forwarded-Host, which sign-on redirects to.

metadata name = 'Application Gateway'
metadata description = 'An Application Gateway with a web application firewall in front of web apps.'

import { Tags, WafMode } from '../types.bicep'
import { categories } from '../types/interfaces.bicep'
import {
  callbackFields
  Gateway
  partName
  PublicApp
  ruleSets
  sessionCookies
  tokenRules
} from '../types/ingress.bicep'

@description('Region of the gateway.')
param location string

@description('Tags of the gateway.')
param tags Tags

@description('The gateway.')
param gateway Gateway

@description('Resource id of the gateway subnet.')
param subnetId string

@description('The web apps behind the gateway.')
param apps PublicApp[]

@description('Mode of the web application firewall.')
param wafMode WafMode

@description('Custom rules of others: JSON text; null for none.')
param keptRules string?

@description('Changes of others to managed rules: JSON text; null for none.')
param keptManagedRules string?

@description('Resource id of the Log Analytics workspace.')
param workspaceId string

@description('Changes of others to managed rules.')
var changes = json(keptManagedRules ?? '{}')

@description('Resource type of the gateway, for the ids of its child resources.')
var gatewayType = 'Microsoft.Network/applicationGateways'

// learn.microsoft.com, web-application-firewall/ag/application-gateway-waf-configuration ("Per-rule exclusions")
@description('Rules that do not inspect sign-in tokens.')
var excludedRuleSets = [
  {
    ruleSetType: 'Microsoft_DefaultRuleSet'
    ruleSetVersion: '2.1'
    ruleGroups: map(items(tokenRules), group => {
      ruleGroupName: group.key
      rules: map(group.value, rule => {
        ruleId: rule
      })
    })
  }
]

resource publicIpAddress 'Microsoft.Network/publicIPAddresses@2025-05-01' = {
  name: gateway.publicIpName
  location: location
  tags: tags
  sku: {
    name: 'Standard'
  }
  zones: empty(gateway.zones) ? null : gateway.zones
  properties: {
    publicIPAllocationMethod: 'Static'
    publicIPAddressVersion: 'IPv4'
  }
}

resource firewallPolicy 'Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies@2025-05-01' = {
  name: gateway.policyName
  location: location
  tags: tags
  properties: {
    policySettings: {
      state: 'Enabled'
      mode: wafMode
      requestBodyCheck: true
      // The largest that the firewall inspects; larger ones are refused.
      maxRequestBodySizeInKb: 2000
      requestBodyInspectLimitInKB: 2000
      requestBodyEnforcement: true
      fileUploadLimitInMb: 100
    }
    customRules: json(keptRules ?? '[]')
    managedRules: {
      exclusions: concat(
        map(callbackFields, field => {
          matchVariable: 'RequestArgValues'
          selectorMatchOperator: 'Equals'
          selector: field
          exclusionManagedRuleSets: excludedRuleSets
        }),
        map(sessionCookies, cookie => {
          matchVariable: 'RequestCookieValues'
          selectorMatchOperator: 'StartsWith'
          selector: cookie
          exclusionManagedRuleSets: excludedRuleSets
        }),
        changes.?exclusions ?? []
      )
      managedRuleSets: concat(
        map(objectKeys(ruleSets), type => {
          ruleSetType: type
          ruleSetVersion: ruleSets[type]
          ruleGroupOverrides: changes.?ruleGroupOverrides[?type] ?? []
        }),
        changes.?managedRuleSets ?? []
      )
    }
  }
}

resource applicationGateway 'Microsoft.Network/applicationGateways@2025-05-01' = {
  name: gateway.name
  location: location
  tags: tags
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${gateway.identityId}': {}
    }
  }
  zones: empty(gateway.zones) ? null : gateway.zones
  properties: {
    sku: {
      name: 'WAF_v2'
      tier: 'WAF_v2'
    }
    autoscaleConfiguration: {
      minCapacity: empty(gateway.zones) ? 1 : 2
      maxCapacity: gateway.maxInstances
    }
    firewallPolicy: {
      id: firewallPolicy.id
    }
    sslPolicy: {
      policyType: 'Predefined'
      policyName: 'AppGwSslPolicy20220101S'
    }
    gatewayIPConfigurations: [
      { name: 'subnet', properties: { subnet: { id: subnetId } } }
    ]
    frontendIPConfigurations: [
      { name: 'public', properties: { publicIPAddress: { id: publicIpAddress.id } } }
    ]
    frontendPorts: [
      { name: 'http', properties: { port: 80 } }
      { name: 'https', properties: { port: 443 } }
    ]
    sslCertificates: [
      { name: 'certificate', properties: { keyVaultSecretId: gateway.certificateUri } }
    ]
    backendAddressPools: map(apps, app => {
      name: app.part
      properties: { backendAddresses: [{ fqdn: app.originHostName }] }
    })
    probes: map(apps, app => {
      name: app.part
      properties: {
        protocol: 'Https'
        host: app.originHostName
        path: app.healthPath
        interval: 30
        timeout: 30
        unhealthyThreshold: 3
      }
    })
    backendHttpSettingsCollection: map(apps, app => {
      name: app.part
      properties: {
        port: 443
        protocol: 'Https'
        hostName: app.originHostName
        cookieBasedAffinity: 'Disabled'
        requestTimeout: 120
        probe: { id: resourceId('${gatewayType}/probes', gateway.name, app.part) }
      }
    })
    rewriteRuleSets: [
      {
        name: 'forwarded'
        properties: {
          rewriteRules: [
            {
              name: 'host'
              ruleSequence: 100
              actionSet: {
                requestHeaderConfigurations: [{ headerName: 'X-Forwarded-Host', headerValue: '{var_host}' }]
              }
            }
          ]
        }
      }
    ]
    httpListeners: flatten(map(apps, app => [
      {
        name: partName('http', app.part)
        properties: {
          frontendIPConfiguration: { id: resourceId('${gatewayType}/frontendIPConfigurations', gateway.name, 'public') }
          frontendPort: { id: resourceId('${gatewayType}/frontendPorts', gateway.name, 'http') }
          protocol: 'Http'
          hostName: app.hostName
        }
      }
      {
        name: partName('https', app.part)
        properties: {
          frontendIPConfiguration: { id: resourceId('${gatewayType}/frontendIPConfigurations', gateway.name, 'public') }
          frontendPort: { id: resourceId('${gatewayType}/frontendPorts', gateway.name, 'https') }
          protocol: 'Https'
          hostName: app.hostName
          requireServerNameIndication: true
          sslCertificate: { id: resourceId('${gatewayType}/sslCertificates', gateway.name, 'certificate') }
        }
      }
    ]))
    redirectConfigurations: map(apps, app => {
      name: partName('to-https', app.part)
      properties: {
        redirectType: 'Permanent'
        targetListener: {
          id: resourceId('${gatewayType}/httpListeners', gateway.name, partName('https', app.part))
        }
        includePath: true
        includeQueryString: true
      }
    })
    requestRoutingRules: flatten(map(apps, (app, i) => [
      {
        name: partName('http', app.part)
        properties: {
          ruleType: 'Basic'
          priority: 200 + i
          httpListener: { id: resourceId('${gatewayType}/httpListeners', gateway.name, partName('http', app.part)) }
          redirectConfiguration: {
            id: resourceId('${gatewayType}/redirectConfigurations', gateway.name, partName('to-https', app.part))
          }
        }
      }
      {
        name: partName('https', app.part)
        properties: {
          ruleType: 'Basic'
          priority: 100 + i
          httpListener: { id: resourceId('${gatewayType}/httpListeners', gateway.name, partName('https', app.part)) }
          backendAddressPool: { id: resourceId('${gatewayType}/backendAddressPools', gateway.name, app.part) }
          backendHttpSettings: {
            id: resourceId('${gatewayType}/backendHttpSettingsCollection', gateway.name, app.part)
          }
          rewriteRuleSet: { id: resourceId('${gatewayType}/rewriteRuleSets', gateway.name, 'forwarded') }
        }
      }
    ]))
  }
}

#disable-next-line use-recent-api-versions // The newest stable version has no category groups.
resource gatewayDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: applicationGateway
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logs: categories([
      'ApplicationGatewayAccessLog'
      'ApplicationGatewayFirewallLog'
      'ApplicationGatewayPerformanceLog'
    ])
    metrics: categories(['AllMetrics'])
  }
}

#disable-next-line use-recent-api-versions // The newest stable version has no category groups.
resource diagnosticSetting 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: publicIpAddress
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logs: categories(['DDoSProtectionNotifications', 'DDoSMitigationFlowLogs', 'DDoSMitigationReports'])
  }
}

@description('Public IP address.')
output address string = publicIpAddress.properties.ipAddress

@description('Resource id of the Application Gateway.')
output resourceId string = applicationGateway.id
