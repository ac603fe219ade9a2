// Mails tell when much of the month's budget of a subscription's resource groups is used.

targetScope = 'subscription'

import { Budget } from '../types/observability.bicep'

@description('The budget.')
param budget Budget

@description('Amount a month, in the currency of the subscription.')
param amount int

@description('First day, which is that of a month and never changes.')
param startDate string

@description('Mail addresses of those who are told; without any, the owners of the subscription are.')
param emails string[]

@description('Who is told.')
var contacts = {
  contactEmails: emails
  contactRoles: empty(emails) ? ['Owner'] : []
}

#disable-next-line use-recent-api-versions // The only newer stable version is younger than half a year.
resource monthly 'Microsoft.Consumption/budgets@2024-08-01' = {
  name: budget.name
  properties: {
    category: 'Cost'
    amount: amount
    timeGrain: 'Monthly'
    timePeriod: {
      startDate: '${startDate}T00:00:00Z'
    }
    filter: {
      dimensions: {
        name: 'ResourceGroupName'
        operator: 'In'
        values: budget.groupNames
      }
    }
    notifications: {
      used: {
        enabled: true
        operator: 'GreaterThanOrEqualTo'
        threshold: 80
        thresholdType: 'Actual'
        ...contacts
      }
      expected: {
        enabled: true
        operator: 'GreaterThanOrEqualTo'
        threshold: 100
        thresholdType: 'Forecasted'
        ...contacts
      }
    }
  }
}
