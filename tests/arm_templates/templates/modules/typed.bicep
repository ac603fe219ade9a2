type size = 'small' | 'large'

@export()
type disk = {
  name: string
  @minValue(1)
  gb: int
  size: size
  tags: { *: string }?
}


@discriminator('kind')
type figure = circle | square
type circle = { kind: 'circle', radius: int }
type square = { kind: 'square', side: int }

@export()
func label(prefix string, index int) string => '${prefix}-${padLeft(index, 3, '0')}'

@export()
var shared = { region: 'westeurope', zones: [ '1', '2' ] }

param disks disk[]
param figures figure[] = [ { kind: 'circle', radius: 1 } ]
param pair [ string, int ] = [ 'a', 1 ]
param maybe string?
param count int?

resource d 'Microsoft.Compute/disks@2024-03-02' = [for (item, i) in disks: {
  name: label(item.name, i)
  location: 'westeurope'
  sku: { name: item.size == 'small' ? 'Standard_LRS' : 'Premium_LRS' }
  tags: item.?tags ?? { none: string(length(figures)) }
  properties: {
    creationData: { createOption: 'Empty' }
    diskSizeGB: item.gb
    maxShares: count ?? pair[1]
  }
}]

output names string[] = [for (item, i) in disks: d[i].name]
output maybe string? = maybe
output first disk = disks[0]
