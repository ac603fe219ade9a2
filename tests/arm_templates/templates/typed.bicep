import { label, shared, disk } from 'modules/typed.bicep'
import * as all from 'modules/typed.bicep'
param one disk = { name: 'one', gb: 4, size: 'small' }
param settings { *: string } = { a: 'b' }
param tuple [ string, int, bool? ] = [ 'x', 1, null ]
param choice 'a' | 'b' = 'a'
param literal resourceInput<'Microsoft.Storage/storageAccounts@2023-01-01'>.sku = { name: 'Standard_LRS' }
module m 'modules/typed.bicep' = {
  name: 'm'
  params: {
    disks: [ one, { name: 'two', gb: 8, size: 'large', tags: settings } ]
    figures: [ { kind: 'square', side: 2 }, { kind: 'circle', radius: 3 } ]
    maybe: label('z', 7)
  }
}
resource s 'Microsoft.Storage/storageAccounts@2023-01-01' = {
  name: all.label('st', 1)
  location: shared.region
  sku: literal
  kind: 'StorageV2'
  tags: { ...settings, choice: string(choice), tuple: string(tuple), zones: join(shared.zones, ';') }
}
output names string[] = m.outputs.names
output maybe string? = m.outputs.maybe
output disk disk = m.outputs.first
