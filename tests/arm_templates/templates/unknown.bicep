param location string = resourceGroup().location
param tagged object = resourceGroup().tags
var owner = resourceGroup().tags.owner
resource a 'Microsoft.Web/sites@2023-01-01' = { name: 'a-${owner}', location: location, tags: tagged }
resource b 'Microsoft.Web/sites/config@2023-01-01' = { parent: a, name: 'web', properties: any({ x: environment().suffixes.storage, y: deployer().objectId, z: union(tagged, { more: 1 }) }) }
resource c 'Microsoft.Web/sites@2023-01-01' = { name: 'c', location: location, properties: any({ state: a.properties.state == 'Running' ? b.id : 'off', both: a.properties.enabled && true, list: [ 'x-${a.properties.state}' ], spread: { ...a.properties, k: 1 }, sub: subscription().displayName, zones: pickZones('Microsoft.Compute', 'virtualMachines', location) }) }
output state string = a.properties.state
output mixed array = [ 1, a.id, c.properties ]
output obj object = { a: a.properties, n: 1 }
