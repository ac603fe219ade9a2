metadata name = 'Resource group lock'
metadata description = 'A lock that prevents the deletion of a resource group and its resources.'

import { deleteLock } from '../types/interfaces.bicep'

@description('Name of the lock.')
param name string

resource lock 'Microsoft.Authorization/locks@2020-05-01' = {
  name: name
  properties: deleteLock('anything in this group is')
}

@description('Resource id of the lock.')
output resourceId string = lock.id
