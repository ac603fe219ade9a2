"""Cost of evaluating a large template of others' kind, as ratio to the compiler's snapshot of the same template.

The template has many zones, each compared with all others and each with links and records in further modules: the kind that
takes the most evaluations per resource.
"""

import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Final

from bicep.compile import Compiler, find_compiler
from installer.arm_templates import expand
from tests.arm_templates.cases import context
from tests.arm_templates.compiler import compiled, snapshot
from tests.bench.rounds import measured as extent

ROUNDS: Final = extent(5, 1)
ZONES: Final = extent(70, 12)
MODULES: Final = {
    "record.bicep": """
param zone string
param name string
param addresses array = []
param assignments array = []
var roles = {
  Reader: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', 'acdd72a7-3385-48ef-bd42-f606fba81ae7')
}
var known = [for one in assignments: union(one, { id: roles[?one.role] ?? one.role })]
resource parent 'Microsoft.Network/privateDnsZones@2020-06-01' existing = { name: zone }
resource record 'Microsoft.Network/privateDnsZones/A@2020-06-01' = {
  parent: parent
  name: name
  properties: { aRecords: addresses, ttl: 3600 }
}
resource access 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for one in known: {
  name: guid(record.id, one.principal, one.id)
  scope: record
  properties: { roleDefinitionId: one.id, principalId: one.principal, principalType: one.?kind }
}]
output id string = record.id
""",
    "zone.bicep": """
param name string
param networks array
param records array
resource zone 'Microsoft.Network/privateDnsZones@2020-06-01' = { name: name, location: 'global' }
module record 'record.bicep' = [for (one, index) in records: {
  name: '${uniqueString(deployment().name, name)}-A-${index}'
  params: { zone: zone.name, name: one.name, addresses: one.?addresses ?? [], assignments: one.?assignments ?? [] }
}]
resource link 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [for one in networks: {
  parent: zone
  name: '${last(split(one, '/'))}-link'
  location: 'global'
  properties: { registrationEnabled: false, virtualNetwork: { id: one } }
}]
output id string = zone.id
""",
    "main.bicep": """
param count int
var names = map(range(0, count), index => 'privatelink.service${index}.example.com')
var networks = map(range(0, 6), index => resourceId('Microsoft.Network/virtualNetworks', 'vnet${index}'))
var all = map(names, name => { name: name, networks: networks })
var unique = filter(all, one => startsWith(one.name, 'privatelink') && length(filter(all, other => other.name == one.name)) == 1)
module zone 'zone.bicep' = [for (one, index) in unique: {
  name: '${uniqueString(deployment().name, one.name)}-zone-${index}'
  params: {
    name: one.name
    networks: one.networks
    records: map(range(0, 3), record => {
      name: 'a${record}'
      addresses: [{ ipv4Address: '10.0.0.${record}' }]
      assignments: [{ role: 'Reader', principal: '11111111-1111-1111-1111-111111111111', kind: 'ServicePrincipal' }]
    })
  }
}]
output ids array = [for (one, index) in unique: zone[index].outputs.id]
""",
}


def main() -> None:
    """Prints the figures; needs the Bicep compiler."""
    executable = find_compiler()
    if executable is None:
        print("templates: skipped, no Bicep compiler found")
        return
    with tempfile.TemporaryDirectory() as name, Compiler(executable) as compiler:
        folder = Path(name)
        for file, text in MODULES.items():
            (folder / file).write_text(text, encoding="utf-8")
        template = compiled(compiler, folder / "main.bicep")
        (folder / "main.json").write_text(json.dumps(template), encoding="utf-8")
        parameters = folder / "main.bicepparam"
        parameters.write_text(f"using './main.json'\nparam count = {ZONES}\n", encoding="utf-8")
        theirs, own, resources = [], [], 0
        for _ in range(ROUNDS):
            begun = time.perf_counter()
            expected = snapshot(compiler, parameters, "resourceGroup")["predictedResources"]
            theirs.append(time.perf_counter() - begun)
            begun = time.perf_counter()
            found = expand(template, {"count": {"value": ZONES}}, context()).predict()
            own.append(time.perf_counter() - begun)
            assert found == expected
            resources = len(found)
    ours, reference = statistics.median(own), statistics.median(theirs)
    print(f"templates: snapshot of the compiler        {reference:.2f} s for {resources} resources")
    print(f"templates: own evaluation                  {ours:.2f} s, {ours / reference:.2f} times the snapshot")


if __name__ == "__main__":
    main()
