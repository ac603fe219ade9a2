metadata name = 'Resource group lock'
metadata description = 'A lock that prevents the deletion of a resource group and its resources.'

@description('Name of the lock.')
param name string

resource lock 'Microsoft.Authorization/locks@2020-05-01' = {
  name: name
  properties: {
    level: 'CanNotDelete'
    notes: 'Set by the FlowForge Installer. Take it off before anything in this group is to be deleted.'
  }
}

@description('Resource id of the lock.')
output resourceId string = lock.id
