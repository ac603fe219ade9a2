"""Addresses of pages in the Azure portal.

The portal's host of each cloud is that of azure-cli-core (azure/cli/core/cloud.py). A resource has a page at
/#@TENANT/resource/ID; a deployment has its progress in the blade that azd prints
(https://learn.microsoft.com/azure/developer/azure-developer-cli, output of `azd provision`).
"""

from typing import Final
from urllib.parse import quote

from installer.conventions.clouds import CLOUDS, Cloud

_DEPLOYMENTS: Final = "/providers/microsoft.resources/deployments/"


def subscriptions_page(cloud: Cloud = "public") -> str:
    """Address of the list of subscriptions, with the role of the account in each.

    Microsoft's guides link it (learn.microsoft.com/azure/developer/java/migration, "check your current quotas").
    """
    return f"https://{CLOUDS[cloud].portal}/#view/Microsoft_Azure_Billing/SubscriptionsBlade"


def portal_page(resource_id: str, tenant: str, cloud: Cloud = "public") -> str:
    """Address of the page of a resource, resource group, subscription or deployment; "" for what has no page."""
    if not resource_id.lower().startswith("/subscriptions/"):
        return ""
    host = f"https://{CLOUDS[cloud].portal}/"
    if _DEPLOYMENTS in resource_id.lower():
        return f"{host}#view/HubsExtension/DeploymentDetailsBlade/~/overview/id/{quote(resource_id, safe='')}"
    return f"{host}#@{quote(tenant)}/resource{quote(resource_id)}"
