// Parameter types of the integrations stage.

import { Site } from '../types.bicep'

@export()
@description('Where the catalogue of the data is: nowhere, in an account that is built, or in one that exists.')
type Purview = 'none' | 'new' | 'existing'

@export()
@description('Services beside FlowForge in one environment; which of them are built is told apart.')
type IntegrationsEnvironment = {
  @description('The environment, and where it is built.')
  site: Site
  @description('Name of its storage account.')
  storageAccountName: string
  @description('Address of its lake, without a slash at the end.')
  lakeUrl: string
  @description('Name of the data factory.')
  dataFactoryName: string
  @description('Name of the Synapse workspace.')
  synapseName: string
  @description('Resource group that the Synapse workspace makes for itself.')
  synapseGroupName: string
  @description('Name of the topic for events.')
  topicName: string
  @description('Where events are put on the topic.')
  topicUrl: string
  @description('Name of the workflow.')
  workflowName: string
  @description('Object id of the identity of the web app, which reads events from the queue.')
  eventReader: string
}

@export()
@description('People who administer Synapse workspaces.')
type Administrators = {
  @description('Name of the group.')
  name: string
  @description('Object id of the group.')
  objectId: string
}
