"""Microsoft.Compute: the managed disk that a virtual machine is created with.

Name of a disk without one: azure-docs, articles/virtual-machines/using-managed-disks-template-deployments.md; its id: azure-rest-api-specs,
specification/compute/resource-manager/Microsoft.Compute/ComputeRP/stable/2023-09-01/examples/virtualMachineExamples/
VirtualMachine_Get.json. The disk itself is not stored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.emulator.ids import derived_hex
from installer.emulator.providers.provider import ProviderContext, ProviderHooks
from installer.resource_id import group_of, subscription_of

if TYPE_CHECKING:
    from installer.json_access import JsonObject


def _machine(context: ProviderContext) -> JsonObject:
    name = context.text("storageProfile", "osDisk", "name") or (
        f"{context.leaf}_OsDisk_1_{derived_hex(context.id, 'osDisk', 32)}"
    )
    where = f"/subscriptions/{subscription_of(context.id)}/resourceGroups/{group_of(context.id)}"
    disk = f"{where}/providers/Microsoft.Compute/disks/{name}"
    given = context.text("storageProfile", "osDisk", "managedDisk", "id")
    shown: JsonObject = {"name": name, "managedDisk": {"id": given or disk}}
    return {"properties": {"storageProfile": {"osDisk": shown}}}


HOOKS = {"Microsoft.Compute/virtualMachines": ProviderHooks(computed=_machine)}
