metadata name = 'Front Door firewall'
metadata description = 'The web application firewall policy of a Front Door.'

import { Tags, WafMode } from '../types.bicep'
import { callbackFields, ruleSets, sessionCookies, tokenRules } from '../types/ingress.bicep'

@description('Tags of the policy.')
param tags Tags

@description('Name of the policy.')
@minLength(1)
@maxLength(128)
param name string

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

resource firewallPolicy 'Microsoft.Network/FrontDoorWebApplicationFirewallPolicies@2025-10-01' = {
  name: name
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

@description('Resource id of the policy.')
output resourceId string = firewallPolicy.id
