// Nobody deletes what is in this resource group until the lock is taken off.

@description('Name of the lock.')
param name string

resource lock 'Microsoft.Authorization/locks@2020-05-01' = {
  name: name
  properties: {
    level: 'CanNotDelete'
    notes: 'Set by the FlowForge Installer. Take it off before anything in this group is to be deleted.'
  }
}
