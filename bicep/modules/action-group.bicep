metadata name = 'Action group'
metadata description = 'The action group that emails alerts.'

import { Tags } from '../types.bicep'

@description('Tags of the group.')
param tags Tags

@description('Name of the group.')
@minLength(1)
@maxLength(260)
param name string

@description('Short name of the group in notifications.')
@maxLength(12)
@minLength(1)
param shortName string

@description('Email addresses that receive alerts.')
param emails string[]

resource actionGroup 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: name
  location: 'global'
  tags: tags
  properties: {
    groupShortName: shortName
    enabled: true
    emailReceivers: [
      for email in emails: {
        name: email
        emailAddress: email
        useCommonAlertSchema: true
      }
    ]
  }
}

@description('Resource id of the action group.')
output resourceId string = actionGroup.id
