param count int = 3
var squares = [for i in range(0, count): { index: i, square: i * i, name: 'n${i}' }]
var filtered = filter(squares, s => s.square > 0)
var lookup = toObject(squares, s => s.name, s => s.square)
resource network 'Microsoft.Network/virtualNetworks@2023-11-01' = {
  name: 'network'
  location: 'westeurope'
  properties: {
    addressSpace: { addressPrefixes: [ '10.0.0.0/16' ] }
    subnets: [for (s, i) in squares: {
      name: s.name
      properties: {
        addressPrefix: cidrSubnet('10.0.0.0/16', 24, i)
        serviceEndpoints: map([ 'Microsoft.Storage' ], x => { service: x, index: i })
        delegations: i == 1 ? [] : [ { name: 'd${lookup[s.name]}' } ]
      }
    }]
    dhcpOptions: { dnsServers: map(range(4, 2), n => cidrHost('10.0.0.0/24', n)) }
  }
}
resource nested 'Microsoft.Network/networkSecurityGroups@2023-11-01' = [for (s, i) in squares: if (i != 1) {
  name: 'nsg-${s.name}'
  location: 'westeurope'
  properties: {
    securityRules: [for j in range(0, i): {
      name: 'r${i}-${j}'
      properties: { priority: 100 + i * 10 + j, access: 'Allow', direction: 'Inbound', protocol: '*' }
    }]
  }
}]
@batchSize(2)
resource batches 'Microsoft.Network/publicIPAddresses@2023-11-01' = [for i in range(0, 5): {
  name: 'ip${i}'
  location: 'westeurope'
  zones: map(range(1, 3), z => string(z))
  sku: { name: 'Standard' }
  dependsOn: [ nested ]
}]
resource empty 'Microsoft.Network/publicIPAddresses@2023-11-01' = [for i in range(0, 0): { name: 'none${i}', location: 'x' }]
output total int = reduce(map(squares, s => s.square), 0, (a, b) => a + b)
output grouped object = groupBy(squares, s => s.square > 1 ? 'big' : 'small')
output sorted array = sort(filtered, (a, b) => a.square > b.square)
output ids array = [for i in range(0, 5): batches[i].id]
