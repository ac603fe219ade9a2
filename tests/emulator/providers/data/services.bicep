// Every service that an estate may use, as small as it deploys: what providers answer is read back in the outputs.
param location string = 'westeurope'
param tenantId string = tenant().tenantId

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = { name: 'id-app', location: location }
resource credential 'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials@2024-11-30' = {
  parent: identity
  name: 'aks'
  properties: { issuer: cluster.properties.oidcIssuerProfile.issuerURL, subject: 'system:serviceaccount:ff:worker', audiences: ['api://AzureADTokenExchange'] }
}

resource gatewayRules 'Microsoft.Network/networkSecurityGroups@2025-05-01' = {
  name: 'nsg-gateway'
  location: location
  properties: {
    securityRules: [{ name: 'health', properties: { priority: 100, direction: 'Inbound', access: 'Allow', protocol: 'Tcp', sourceAddressPrefix: 'GatewayManager', sourcePortRange: '*', destinationAddressPrefix: '*', destinationPortRange: '65200-65535' } }]
  }
}
resource network 'Microsoft.Network/virtualNetworks@2025-05-01' = {
  name: 'vnet-app'
  location: location
  properties: {
    addressSpace: { addressPrefixes: ['10.8.0.0/16'] }
    subnets: [
      { name: 'endpoints', properties: { addressPrefix: '10.8.0.0/26' } }
      { name: 'gateway', properties: { addressPrefix: '10.8.1.0/24', networkSecurityGroup: { id: gatewayRules.id } } }
      { name: 'apps', properties: { addressPrefix: '10.8.2.0/26', delegations: [{ name: 'web', properties: { serviceName: 'Microsoft.Web/serverFarms' } }] } }
      { name: 'environment', properties: { addressPrefix: '10.8.2.64/27', delegations: [{ name: 'aca', properties: { serviceName: 'Microsoft.App/environments' } }] } }
      { name: 'inbound', properties: { addressPrefix: '10.8.2.96/28', delegations: [{ name: 'dns', properties: { serviceName: 'Microsoft.Network/dnsResolvers' } }] } }
      { name: 'outbound', properties: { addressPrefix: '10.8.2.112/28', delegations: [{ name: 'dns', properties: { serviceName: 'Microsoft.Network/dnsResolvers' } }] } }
      { name: 'nodes', properties: { addressPrefix: '10.8.4.0/24' } }
      { name: 'AzureBastionSubnet', properties: { addressPrefix: '10.8.3.0/26' } }
    ]
  }
}
resource address 'Microsoft.Network/publicIPAddresses@2025-05-01' = {
  name: 'pip-gateway'
  location: location
  sku: { name: 'Standard' }
  properties: { publicIPAllocationMethod: 'Static', dnsSettings: { domainNameLabel: 'ff-gateway' } }
}
resource wafPolicy 'Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies@2025-05-01' = {
  name: 'waf-gateway'
  location: location
  properties: { managedRules: { managedRuleSets: [{ ruleSetType: 'OWASP', ruleSetVersion: '3.2' }] } }
}
resource gateway 'Microsoft.Network/applicationGateways@2025-05-01' = {
  name: 'agw-app'
  location: location
  properties: {
    sku: { name: 'WAF_v2', tier: 'WAF_v2', capacity: 1 }
    firewallPolicy: { id: wafPolicy.id }
    gatewayIPConfigurations: [{ name: 'subnet', properties: { subnet: { id: network.properties.subnets[1].id } } }]
    frontendIPConfigurations: [{ name: 'public', properties: { publicIPAddress: { id: address.id } } }]
    frontendPorts: [{ name: 'https', properties: { port: 443 } }]
    backendAddressPools: [{ name: 'web', properties: { backendAddresses: [{ fqdn: site.properties.defaultHostName }] } }]
  }
}
resource bastion 'Microsoft.Network/bastionHosts@2025-05-01' = {
  name: 'bas-app'
  location: location
  properties: { ipConfigurations: [{ name: 'one', properties: { subnet: { id: network.properties.subnets[7].id }, publicIPAddress: { id: address.id } } }] }
}
resource zone 'Microsoft.Network/privateDnsZones@2024-06-01' = { name: 'privatelink.azurecr.io', location: 'global' }
resource zoneLink 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = {
  parent: zone
  name: 'vnet-app'
  location: 'global'
  properties: { registrationEnabled: false, virtualNetwork: { id: network.id } }
}
resource record 'Microsoft.Network/privateDnsZones/A@2024-06-01' = { parent: zone, name: 'hub', properties: { ttl: 300, aRecords: [{ ipv4Address: '10.8.0.4' }] } }
resource resolver 'Microsoft.Network/dnsResolvers@2025-05-01' = { name: 'dnspr-app', location: location, properties: { virtualNetwork: { id: network.id } } }
resource inbound 'Microsoft.Network/dnsResolvers/inboundEndpoints@2025-05-01' = {
  parent: resolver
  name: 'in'
  location: location
  properties: { ipConfigurations: [{ privateIpAllocationMethod: 'Dynamic', subnet: { id: network.properties.subnets[4].id } }] }
}
resource outbound 'Microsoft.Network/dnsResolvers/outboundEndpoints@2025-05-01' = { parent: resolver, name: 'out', location: location, properties: { subnet: { id: network.properties.subnets[5].id } } }
resource forwarding 'Microsoft.Network/dnsForwardingRulesets@2025-05-01' = { name: 'dnsfrs-app', location: location, properties: { dnsResolverOutboundEndpoints: [{ id: outbound.id }] } }
resource forwardingRule 'Microsoft.Network/dnsForwardingRulesets/forwardingRules@2025-05-01' = { parent: forwarding, name: 'corp', properties: { domainName: 'corp.example.', targetDnsServers: [{ ipAddress: '10.0.0.4', port: 53 }] } }

resource registry 'Microsoft.ContainerRegistry/registries@2025-11-01' = { name: 'crservices01', location: location, sku: { name: 'Premium' } }
resource registryEndpoint 'Microsoft.Network/privateEndpoints@2025-05-01' = {
  name: 'pe-registry'
  location: location
  properties: { subnet: { id: network.properties.subnets[0].id }, privateLinkServiceConnections: [{ name: 'registry', properties: { privateLinkServiceId: registry.id, groupIds: ['registry'] } }] }
}
resource registryZones 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2025-05-01' = {
  parent: registryEndpoint
  name: 'default'
  properties: { privateDnsZoneConfigs: [{ name: 'registry', properties: { privateDnsZoneId: zone.id } }] }
}
resource lake 'Microsoft.Storage/storageAccounts@2025-06-01' = { name: 'stservices01', location: location, kind: 'StorageV2', sku: { name: 'Standard_ZRS' }, properties: { isHnsEnabled: true } }

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = { name: 'asp-app', location: location, kind: 'linux', sku: { name: 'P1v3', capacity: 2 }, properties: { reserved: true } }
resource site 'Microsoft.Web/sites@2025-03-01' = {
  name: 'app-services01'
  location: location
  kind: 'app,linux,container'
  identity: { type: 'SystemAssigned' }
  properties: { serverFarmId: plan.id, virtualNetworkSubnetId: network.properties.subnets[2].id }
}
resource siteEndpoint 'Microsoft.Network/privateEndpoints@2025-05-01' = {
  name: 'pe-site'
  location: location
  properties: { subnet: { id: network.properties.subnets[0].id }, privateLinkServiceConnections: [{ name: 'site', properties: { privateLinkServiceId: site.id, groupIds: ['sites'] } }] }
}
resource binding 'Microsoft.Web/sites/hostNameBindings@2025-03-01' = { parent: site, name: 'app.example.org', properties: { siteName: site.name } }

resource cluster 'Microsoft.ContainerService/managedClusters@2026-03-01' = {
  name: 'aks-app'
  location: location
  identity: { type: 'SystemAssigned' }
  properties: {
    dnsPrefix: 'aks-app'
    oidcIssuerProfile: { enabled: true }
    agentPoolProfiles: [{ name: 'system', mode: 'System', count: 2, vmSize: 'Standard_D2s_v5', vnetSubnetID: network.properties.subnets[6].id }]
  }
}
resource pool 'Microsoft.ContainerService/managedClusters/agentPools@2026-03-01' = { parent: cluster, name: 'work', properties: { count: 2, vmSize: 'Standard_D4s_v5', mode: 'User' } }
resource environment 'Microsoft.App/managedEnvironments@2025-07-01' = {
  name: 'cae-app'
  location: location
  properties: { vnetConfiguration: { infrastructureSubnetId: network.properties.subnets[3].id, internal: true }, workloadProfiles: [{ name: 'Consumption', workloadProfileType: 'Consumption' }] }
}
resource containerApp 'Microsoft.App/containerApps@2025-07-01' = {
  name: 'ca-server'
  location: location
  properties: { environmentId: environment.id, configuration: { ingress: { external: true, targetPort: 4200 } }, template: { containers: [{ name: 'server', image: 'docker.io/prefecthq/prefect:3-latest' }] } }
}
resource job 'Microsoft.App/jobs@2025-07-01' = {
  name: 'caj-bootstrap'
  location: location
  properties: { environmentId: environment.id, configuration: { triggerType: 'Manual', replicaTimeout: 600 }, template: { containers: [{ name: 'job', image: 'docker.io/prefecthq/prefect:3-latest' }] } }
}

resource redis 'Microsoft.Cache/redisEnterprise@2025-07-01' = { name: 'redis-services01', location: location, sku: { name: 'Balanced_B0' }, properties: { publicNetworkAccess: 'Disabled' } }
resource redisDatabase 'Microsoft.Cache/redisEnterprise/databases@2025-07-01' = { parent: redis, name: 'default', properties: { accessKeysAuthentication: 'Disabled' } }
resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2025-08-01' = { name: 'psql-services01', location: location, sku: { name: 'Standard_D2ds_v5', tier: 'GeneralPurpose' }, properties: { version: '17', storage: { storageSizeGB: 32 } } }
@batchSize(1)
resource databases 'Microsoft.DBforPostgreSQL/flexibleServers/databases@2025-08-01' = [for name in ['app', 'prefect']: { parent: server, name: name }]

resource factory 'Microsoft.DataFactory/factories@2018-06-01' = { name: 'adf-services01', location: location, identity: { type: 'SystemAssigned' } }
resource factoryNetwork 'Microsoft.DataFactory/factories/managedVirtualNetworks@2018-06-01' = { parent: factory, name: 'default', properties: {} }
resource factoryEndpoint 'Microsoft.DataFactory/factories/managedVirtualNetworks/managedPrivateEndpoints@2018-06-01' = { parent: factoryNetwork, name: 'lake', properties: { privateLinkResourceId: lake.id, groupId: 'dfs' } }
resource factoryRuntime 'Microsoft.DataFactory/factories/integrationRuntimes@2018-06-01' = { parent: factory, name: 'managed', properties: { type: 'Managed', managedVirtualNetwork: { type: 'ManagedVirtualNetworkReference', referenceName: 'default' } }, dependsOn: [factoryNetwork] }
resource synapse 'Microsoft.Synapse/workspaces@2021-06-01' = { name: 'syn-services01', location: location, identity: { type: 'SystemAssigned' }, properties: { defaultDataLakeStorage: { accountUrl: lake.properties.primaryEndpoints.dfs, filesystem: 'synapse' }, azureADOnlyAuthentication: true } }
resource purview 'Microsoft.Purview/accounts@2021-12-01' = { name: 'pview-services01', location: location, identity: { type: 'SystemAssigned' } }
resource topic 'Microsoft.EventGrid/topics@2025-02-15' = { name: 'evgt-services01', location: location, properties: { disableLocalAuth: true, inputSchema: 'CloudEventSchemaV1_0' } }
resource subscriptionOfTopic 'Microsoft.EventGrid/topics/eventSubscriptions@2025-02-15' = { parent: topic, name: 'queue', properties: { destination: { endpointType: 'StorageQueue', properties: { resourceId: lake.id, queueName: 'events' } } } }
resource workflow 'Microsoft.Logic/workflows@2019-05-01' = { name: 'logic-app', location: location, properties: { definition: { contentVersion: '1.0.0.0' } } }
resource backup 'Microsoft.DataProtection/backupVaults@2025-07-01' = { name: 'bvault-app', location: location, identity: { type: 'SystemAssigned' }, properties: { storageSettings: [{ datastoreType: 'VaultStore', type: 'ZoneRedundant' }] } }
resource backupPolicy 'Microsoft.DataProtection/backupVaults/backupPolicies@2025-07-01' = { parent: backup, name: 'daily', properties: { objectType: 'BackupPolicy', datasourceTypes: ['Microsoft.Storage/storageAccounts/adlsBlobServices'], policyRules: [] } }

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' = { name: 'log-app', location: location }
resource runs 'Microsoft.OperationalInsights/workspaces/tables@2025-07-01' = { parent: workspace, name: 'FlowForgeRuns_CL', properties: { schema: { name: 'FlowForgeRuns_CL', columns: [{ name: 'TimeGenerated', type: 'dateTime' }] } } }
resource component 'Microsoft.Insights/components@2020-02-02' = { name: 'appi-app', location: location, kind: 'web', properties: { Application_Type: 'web', WorkspaceResourceId: workspace.id } }
resource rule 'Microsoft.Insights/dataCollectionRules@2024-03-11' = { name: 'dcr-runs', location: location, kind: 'Direct', properties: { destinations: { logAnalytics: [{ name: 'log', workspaceResourceId: workspace.id }] }, dataFlows: [{ streams: ['Custom-FlowForgeRuns_CL'], destinations: ['log'] }] }, dependsOn: [runs] }
resource people 'Microsoft.Insights/actionGroups@2023-01-01' = { name: 'ag-app', location: 'global', properties: { groupShortName: 'ff', enabled: true } }
resource metricAlert 'Microsoft.Insights/metricAlerts@2026-01-01' = { name: 'alert-storage', location: 'global', properties: { severity: 2, enabled: true, scopes: [server.id], evaluationFrequency: 'PT5M', windowSize: 'PT1H', criteria: { 'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria', allOf: [] } } }
resource activityAlert 'Microsoft.Insights/activityLogAlerts@2026-01-01' = { name: 'alert-health', location: 'global', properties: { scopes: [resourceGroup().id], condition: { allOf: [{ field: 'category', equals: 'ServiceHealth' }] }, actions: { actionGroups: [{ actionGroupId: people.id }] } } }
resource queryRule 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = { name: 'alert-failed', location: location, properties: { severity: 2, enabled: true, scopes: [workspace.id], criteria: { allOf: [] } } }
resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = { name: guid('workbook'), location: location, kind: 'shared', properties: { displayName: 'FlowForge', category: 'workbook', serializedData: '{}' } }
resource webtest 'Microsoft.Insights/webtests@2022-06-15' = { name: 'web-up', location: location, properties: { SyntheticMonitorId: 'web-up', Name: 'web-up', Kind: 'standard', Locations: [] } }
resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = { name: 'all', scope: registry, properties: { workspaceId: workspace.id, logs: [{ categoryGroup: 'allLogs', enabled: true }] } }

resource profile 'Microsoft.Cdn/profiles@2025-06-01' = { name: 'afd-app', location: 'global', sku: { name: 'Premium_AzureFrontDoor' } }
resource endpoint 'Microsoft.Cdn/profiles/afdEndpoints@2025-06-01' = { parent: profile, name: 'web', location: 'global', properties: { enabledState: 'Enabled' } }
resource originGroup 'Microsoft.Cdn/profiles/originGroups@2025-06-01' = { parent: profile, name: 'web', properties: { loadBalancingSettings: { sampleSize: 4, successfulSamplesRequired: 3 } } }
resource origin 'Microsoft.Cdn/profiles/originGroups/origins@2025-06-01' = { parent: originGroup, name: 'site', properties: { hostName: site.properties.defaultHostName, sharedPrivateLinkResource: { privateLink: { id: site.id }, groupId: 'sites', privateLinkLocation: location, requestMessage: 'FlowForge' } } }
resource domain 'Microsoft.Cdn/profiles/customDomains@2025-06-01' = { parent: profile, name: 'www', properties: { hostName: 'www.example.org', tlsSettings: { certificateType: 'ManagedCertificate', minimumTlsVersion: 'TLS12' } } }
resource route 'Microsoft.Cdn/profiles/afdEndpoints/routes@2025-06-01' = { parent: endpoint, name: 'all', properties: { originGroup: { id: originGroup.id }, patternsToMatch: ['/*'] }, dependsOn: [origin] }

output issuer string = cluster.properties.oidcIssuerProfile.issuerURL
output nodes string = cluster.properties.identityProfile.kubeletidentity.objectId
output defaultDomain string = environment.properties.defaultDomain
output staticIp string = environment.properties.staticIp
output appFqdn string = containerApp.properties.configuration.ingress!.fqdn
output verification string = site.properties.customDomainVerificationId
output siteHost string = site.properties.defaultHostName
output ingestion string = rule.properties.endpoints.logsIngestion
output immutableId string = rule.properties.immutableId
output frontDoorHost string = endpoint.properties.hostName
output validationToken string = domain.properties.validationProperties.validationToken
output frontDoorId string = profile.properties.frontDoorId
output gatewayName string = address.properties.dnsSettings.fqdn
output resolverAddress string = inbound.properties.ipConfigurations[0].privateIpAddress
output redisHost string = redis.properties.hostName
output synapseDev string = synapse.properties.connectivityEndpoints.dev
output purviewCatalog string = purview.properties.endpoints.catalog
output topicEndpoint string = topic.properties.endpoint
output workflowUrl string = workflow.properties.accessEndpoint
output connectionString string = component.properties.ConnectionString
output database string = server.properties.fullyQualifiedDomainName
output factoryPrincipal string = factory.identity.principalId
output backupPrincipal string = backup.identity.principalId
output loginServer string = registry.properties.loginServer
output tenant string = tenantId
