"""Commands of the Azure CLI in ways out: they name the place, since the CLI works in its own default subscription otherwise.

Source: docs.microsoft.com/cli/azure/reference-index (global parameter --subscription: the default one is that of `az account set`).
"""

from __future__ import annotations

from installer.resource_id import group_of, name_of, subscription_of


def in_group(resource_id: str) -> str:
    """Options that name subscription and group of a resource."""
    return f"--subscription {subscription_of(resource_id)} -g {group_of(resource_id)}"


def in_subscription(resource_id: str) -> str:
    """The option that names the subscription of a resource."""
    return f"--subscription {subscription_of(resource_id)}"


def of_subnet(subnet: str) -> str:
    """The command that changes a subnet, without its changes."""
    network, _, name = subnet.partition("/subnets/")
    return f"az network vnet subnet update {in_group(subnet)} --vnet-name {name_of(network)} -n {name}"
