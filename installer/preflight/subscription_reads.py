"""Reads about a subscription that several checks share."""

from __future__ import annotations

from installer.preflight.reads import Request, listing


def subscription(subscription_id: str) -> Request:
    """The request for a subscription: state, tenant, offer."""
    return Request("one", f"/subscriptions/{subscription_id}?api-version=2022-12-01", f"subscription {subscription_id}")


def groups(subscription_id: str, about: str = "") -> Request:
    """The request for its resource groups; `about`: ID of the one that the caller needs."""
    path = f"/subscriptions/{subscription_id}/resourcegroups?api-version=2021-04-01"
    return Request("list", path, f"resource groups of subscription {subscription_id}", about=about)


def resources(subscription_id: str, about: str = "") -> Request:
    """The request for its resources, without their properties; `about`: ID of the one that the caller needs."""
    path = f"/subscriptions/{subscription_id}/resources?api-version=2021-04-01"
    return Request("list", path, f"resources of subscription {subscription_id}", about=about)


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
