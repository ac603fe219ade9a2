metadata name = 'Types of the integrations stage'
metadata description = 'Parameter types of the integrations stage.'

import { Site } from '../types.bicep'

@export()
@description('Whether Purview is not used, created, or exists already.')
type Purview = 'none' | 'new' | 'existing'

@export()
@description('Names for the optional services of one environment.')
type IntegrationsEnvironment = {
  @description('The environment and its location.')
  site: Site
  @description('Name of the storage account.')
  storageAccountName: string
  @description('DFS URL of the lake, without a trailing slash.')
  lakeUrl: string
  @description('Name of the data factory.')
  dataFactoryName: string
  @description('Name of the Synapse workspace.')
  synapseName: string
  @description('Managed resource group of the Synapse workspace.')
  synapseGroupName: string
  @description('Name of the Event Grid topic.')
  topicName: string
  @description('Endpoint of the topic.')
  topicUrl: string
  @description('Name of the Logic App.')
  workflowName: string
  @description('Object id of the identity that reads events from the queue, that of the web app.')
  eventReader: string
}

@export()
@description('Entra administrators of Synapse workspaces.')
type Administrators = {
  @description('Name of the group.')
  name: string
  @description('Object id of the group.')
  objectId: string
}
