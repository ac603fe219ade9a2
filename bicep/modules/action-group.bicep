// Who is told when something goes wrong.

import { Tags } from '../types.bicep'

@description('Tags of the group.')
param tags Tags

@description('Name of the group.')
param name string

@description('Name of the group in messages, at most 12 characters.')
@maxLength(12)
param shortName string

@description('Mail addresses of those who are told.')
param emails string[]

resource group 'Microsoft.Insights/actionGroups@2023-01-01' = {
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
