metadata name = 'Common interfaces'
metadata description = 'Properties that all diagnostic settings and all locks share.'

@export()
@description('Logs or metrics of one category.')
type Category = {
  @description('Name of the category.')
  category: string
  @description('Whether they are sent.')
  enabled: bool
}

@export()
@description('Logs of a group of categories.')
type CategoryGroup = {
  @description('Name of the group.')
  categoryGroup: string
  @description('Whether they are sent.')
  enabled: bool
}

@export()
@description('Properties of a lock against deletion.')
type DeleteLock = {
  @description('Level of the lock.')
  level: 'CanNotDelete'
  @description('Text that the portal shows beside the lock.')
  notes: string
}

@export()
@description('Logs or metrics to send, by category.')
func categories(names string[]) Category[] => map(names, name => { category: name, enabled: true })

@export()
@description('Logs to send, by a group of categories.')
func categoryGroup(name string) CategoryGroup[] => [{ categoryGroup: name, enabled: true }]

@export()
@description('A lock against deletion; the subject names the protected resources, with a verb.')
func deleteLock(subject string) DeleteLock => {
  level: 'CanNotDelete'
  notes: 'Set by the FlowForge Installer. Take it off before ${subject} to be deleted.'
}
