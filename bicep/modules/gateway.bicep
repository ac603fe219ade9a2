// It sends the web app its own host name, and the public host name in X-Forwarded-Host, which sign-on redirects to.

metadata name = 'Application Gateway'
metadata description = 'An Application Gateway with a web application firewall in front of the web app.'

import { Tags, WafMode } from '../types.bicep'
import { categories } from '../types/interfaces.bicep'
import { callbackFields, Gateway, Origin, sessionCookies, tokenRules } from '../types/ingress.bicep'

@description('Region of the gateway.')
param location string

@description('Tags of the gateway.')
param tags Tags

@description('The gateway.')
param gateway Gateway

@description('Resource id of the gateway subnet.')
param subnetId string

@description('Public host name of the web app.')
param hostName string

@description('The web app behind the ingress.')
param origin Origin

@description('Mode of the web application firewall.')
param wafMode WafMode

@description('Resource id of the Log Analytics workspace.')
param workspaceId string

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

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: gateway.identityName
}

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
        })
      )
      managedRuleSets: [
        {
          ruleSetType: 'Microsoft_DefaultRuleSet'
          ruleSetVersion: '2.1'
        }
        {
          ruleSetType: 'Microsoft_BotManagerRuleSet'
          ruleSetVersion: '1.1'
        }
      ]
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
      '${identity.id}': {}
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
    backendAddressPools: [
      { name: 'web', properties: { backendAddresses: [{ fqdn: origin.hostName }] } }
    ]
    probes: [
      {
        name: 'web'
        properties: {
          protocol: 'Https'
          host: origin.hostName
          path: origin.healthPath
          interval: 30
          timeout: 30
          unhealthyThreshold: 3
        }
      }
    ]
    backendHttpSettingsCollection: [
      {
        name: 'web'
        properties: {
          port: 443
          protocol: 'Https'
          hostName: origin.hostName
          cookieBasedAffinity: 'Disabled'
          requestTimeout: 120
          probe: { id: resourceId('${gatewayType}/probes', gateway.name, 'web') }
        }
      }
    ]
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
    httpListeners: [
      {
        name: 'http'
        properties: {
          frontendIPConfiguration: { id: resourceId('${gatewayType}/frontendIPConfigurations', gateway.name, 'public') }
          frontendPort: { id: resourceId('${gatewayType}/frontendPorts', gateway.name, 'http') }
          protocol: 'Http'
          hostName: hostName
        }
      }
      {
        name: 'https'
        properties: {
          frontendIPConfiguration: { id: resourceId('${gatewayType}/frontendIPConfigurations', gateway.name, 'public') }
          frontendPort: { id: resourceId('${gatewayType}/frontendPorts', gateway.name, 'https') }
          protocol: 'Https'
          hostName: hostName
          requireServerNameIndication: true
          sslCertificate: { id: resourceId('${gatewayType}/sslCertificates', gateway.name, 'certificate') }
        }
      }
    ]
    redirectConfigurations: [
      {
        name: 'to-https'
        properties: {
          redirectType: 'Permanent'
          targetListener: { id: resourceId('${gatewayType}/httpListeners', gateway.name, 'https') }
          includePath: true
          includeQueryString: true
        }
      }
    ]
    requestRoutingRules: [
      {
        name: 'http'
        properties: {
          ruleType: 'Basic'
          priority: 200
          httpListener: { id: resourceId('${gatewayType}/httpListeners', gateway.name, 'http') }
          redirectConfiguration: { id: resourceId('${gatewayType}/redirectConfigurations', gateway.name, 'to-https') }
        }
      }
      {
        name: 'https'
        properties: {
          ruleType: 'Basic'
          priority: 100
          httpListener: { id: resourceId('${gatewayType}/httpListeners', gateway.name, 'https') }
          backendAddressPool: { id: resourceId('${gatewayType}/backendAddressPools', gateway.name, 'web') }
          backendHttpSettings: { id: resourceId('${gatewayType}/backendHttpSettingsCollection', gateway.name, 'web') }
          rewriteRuleSet: { id: resourceId('${gatewayType}/rewriteRuleSets', gateway.name, 'forwarded') }
        }
      }
    ]
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
