metadata name = 'Budget'
metadata description = 'A monthly budget for resource groups of a subscription, with email notifications.'

targetScope = 'subscription'

import { Budget } from '../types/observability.bicep'

@description('The budget.')
param budget Budget

@description('Monthly amount in the billing currency of the subscription.')
@minValue(0)
param amount int

@description('Start date (yyyy-MM-dd), the first day of a month; cannot be changed after creation.')
@minLength(10)
@maxLength(10)
param startDate string

@description('Start date to use instead: that of the existing budget, which Azure does not change, or this month; null for none.')
param currentStart string?

@description('Email addresses for notifications; without any, the owners of the subscription are notified.')
@maxLength(20)
param emails string[]

@description('Resource id of the action group.')
var contacts = {
  contactEmails: emails
  contactRoles: empty(emails) ? ['Owner'] : []
}

#disable-next-line use-recent-api-versions // The only newer stable version is younger than half a year.
resource consumptionBudget 'Microsoft.Consumption/budgets@2024-08-01' = {
  name: budget.name
  properties: {
    category: 'Cost'
    amount: amount
    timeGrain: 'Monthly'
    timePeriod: {
      startDate: '${currentStart ?? startDate}T00:00:00Z'
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

@description('Resource id of the budget.')
output resourceId string = consumptionBudget.id
