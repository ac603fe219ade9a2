"""Refuses a reference to another resource that is no resource ID, as ARM does before it asks the provider.

Templates leave such a reference empty where an optional part is not deployed: the member has to be absent or null instead. Reports
of the refusal: Azure/bicep-registry-modules#1699 (security group and route table of a subnet), ernestio/ernest#498 (the same for a
subnet of its own), MicrosoftLearning/AZ-103#194 (subnet of a network interface), Azure/azure-powershell#8045 (diagnostic settings),
Azure/avdaccelerator#84 (application groups), Azure/azure-cli#30560 (partner registrations), Azure/apiops#849 (APIs of a link). The other
members of Microsoft.Network refer to the types that linked_actions.toml lists for the same check of the linked scope.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.emulator.errors import ArmError
from installer.json_access import member

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.emulator.state.resources import Resource
    from installer.jsontypes import Json

_STARTS: Final = ("/subscriptions/", "/providers/")
_NETWORK: Final = "microsoft.network/"
_OF_NETWORK: Final = frozenset(
    {
        "ddosprotectionplan",
        "natgateway",
        "networksecuritygroup",
        "publicipaddress",
        "remotevirtualnetwork",
        "routetable",
        "subnet",
        "virtualnetwork",
    }
)
"""Members of Microsoft.Network whose `id` is a linked resource."""
_BY_TYPE: Final = {
    "microsoft.insights/diagnosticsettings": frozenset(
        {"storageaccountid", "workspaceid", "eventhubauthorizationruleid"}
    ),
    "microsoft.desktopvirtualization/workspaces": frozenset({"applicationgroupreferences"}),
    "microsoft.eventgrid/partnernamespaces": frozenset({"partnerregistrationfullyqualifiedid"}),
    "microsoft.apimanagement/service/workspaces/tags/apilinks": frozenset({"apiid"}),
}
"""Properties whose value, or each of whose values, is a linked resource, by type."""


def check_linked_properties(resource: Resource) -> None:
    """Refuse a resource with a reference that is no resource ID (ArmError 400)."""
    for path, value in _references(resource):
        if isinstance(value, str) and not value.lower().startswith(_STARTS):
            raise ArmError(
                400,
                "LinkedInvalidPropertyId",
                f"Property id '{value}' at path '{path}' is invalid. Expect fully qualified resource Id that start with "
                "'/subscriptions/{subscriptionId}' or '/providers/{resourceProviderNamespace}/'.",
            )


def _references(resource: Resource) -> Iterator[tuple[str, Json]]:
    """Paths and values of the references to linked resources."""
    kind = resource.type.lower()
    properties = resource.desired.get("properties")
    if kind.startswith(_NETWORK):
        for path, name, value in _members(properties, "properties"):
            if name in _OF_NETWORK:
                yield f"{path}.id", member(value, "id")
    if names := _BY_TYPE.get(kind):
        for path, name, value in _members(properties, "properties"):
            if name in names:
                listed = enumerate(value) if isinstance(value, list) else ()
                yield from ((f"{path}[{number}]", item) for number, item in listed)
                yield path, value


def _members(value: Json, path: str) -> Iterator[tuple[str, str, Json]]:
    """Path, lower-case name and value of each member at any depth."""
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from _members(item, f"{path}[{number}]")
    elif isinstance(value, dict):
        for name, item in value.items():
            yield f"{path}.{name}", name.lower(), item
            yield from _members(item, f"{path}.{name}")
