"""Reads about a subscription that several checks share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.json_access import as_text
from installer.preflight.reads import Request, listing

if TYPE_CHECKING:
    from installer.jsontypes import Json
    from installer.preflight.subject import Subject


def subscription(subscription_id: str) -> Request:
    """The request for a subscription: state, tenant, offer."""
    return Request("one", f"/subscriptions/{subscription_id}?api-version=2022-12-01", f"subscription {subscription_id}")


def subscriptions() -> Request:
    """The request for all subscriptions that the account sees. Source: REST API Subscriptions - List."""
    return listing("/subscriptions?api-version=2022-12-01", "subscriptions of this account")


def groups(subscription_id: str, about: str = "") -> Request:
    """The request for its resource groups; `about`: ID of the one that the caller needs."""
    path = f"/subscriptions/{subscription_id}/resourcegroups?api-version=2021-04-01"
    return Request("list", path, f"resource groups of subscription {subscription_id}", about=about)


def resources(subscription_id: str, about: str = "") -> Request:
    """The request for its resources, without their properties; `about`: ID of the one that the caller needs."""
    path = f"/subscriptions/{subscription_id}/resources?api-version=2021-04-01"
    return Request("list", path, f"resources of subscription {subscription_id}", about=about)


def existing_resources(subject: Subject) -> dict[str, dict[str, Json]]:
    """Resources in the subscriptions of the installation, by ID in lower case. Raises NotVisible."""
    subject.arm.ahead(map(resources, subject.subscriptions))
    return {
        as_text(found.get("id")).lower(): found
        for one in subject.subscriptions
        for found in subject.arm.every(resources(one))
    }


def locks(subscription_id: str) -> Request:
    """The request for the locks of the subscription and everything in it."""
    path = f"/subscriptions/{subscription_id}/providers/Microsoft.Authorization/locks?api-version=2020-05-01"
    return listing(path, f"locks of subscription {subscription_id}")


def deployments(subscription_id: str) -> Request:
    """The request for the deployments at subscription scope."""
    path = f"/subscriptions/{subscription_id}/providers/Microsoft.Resources/deployments?api-version=2025-04-01"
    return listing(path, f"deployments of subscription {subscription_id}")


def deployment(subscription_id: str, name: str) -> Request:
    """The request for a deployment at subscription scope."""
    path = f"/subscriptions/{subscription_id}/providers/Microsoft.Resources/deployments/{name}"
    return Request("one", f"{path}?api-version=2025-04-01", f"deployment {name}")
