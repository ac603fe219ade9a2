metadata name = 'Availability test'
metadata description = 'An availability test of a public address that also checks the validity of its certificate, with its alert.'

import { Site } from '../types.bicep'
import { WebTest } from '../types/observability.bicep'

@description('The environment.')
param site Site

@description('The test.')
param test WebTest

@description('Name of the Application Insights component of the test.')
param componentName string

@description('Name of the alert rule for a failing test.')
param alertName string

@description('Resource id of the action group; null for no alert rule.')
param actionGroupId string?

resource component 'Microsoft.Insights/components@2020-02-02' existing = {
  name: componentName
}

resource webTest 'Microsoft.Insights/webtests@2022-06-15' = {
  name: test.name
  location: site.location
  tags: {
    ...site.tags
    'hidden-link:${component.id}': 'Resource'
  }
  kind: 'standard'
  properties: {
    SyntheticMonitorId: test.name
    Name: test.name
    Description: 'Whether the web app answers from outside, with a certificate that is valid for another month.'
    Enabled: true
    Frequency: 300
    Timeout: 30
    Kind: 'standard'
    RetryEnabled: true
    Locations: [
      for place in test.places: {
        Id: place
      }
    ]
    Request: {
      RequestUrl: test.url
      HttpVerb: 'GET'
      ParseDependentRequests: false
      FollowRedirects: false
    }
    ValidationRules: {
      ExpectedHttpStatusCode: 200
      SSLCheck: true
      SSLCertRemainingLifetimeCheck: 30
    }
  }
}

resource availabilityAlert 'Microsoft.Insights/metricAlerts@2026-01-01' = if (actionGroupId != null) {
  name: alertName
  location: 'global'
  tags: site.tags
  properties: {
    description: 'The web app does not answer from two places or more, or its certificate ends within a month.'
    severity: 1
    enabled: true
    scopes: [
      webTest.id
      component.id
    ]
    evaluationFrequency: 'PT1M'
    windowSize: 'PT5M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.WebtestLocationAvailabilityCriteria'
      webTestId: webTest.id
      componentId: component.id
      failedLocationCount: 2
    }
    autoMitigate: true
    actions: [
      {
        actionGroupId: actionGroupId!
      }
    ]
  }
}

@description('Resource id of the availability test.')
output resourceId string = webTest.id
