"""Paths of the reads about regions that several checks share."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from installer.cloud.survey.offers import USAGES
from installer.preflight.reads import Request, listing


def providers(subscription: str) -> Request:
    """Resource providers with their registration and resource types. Source: REST API Providers - List."""
    path = f"/subscriptions/{subscription}/providers?api-version=2021-04-01"
    return listing(path, f"resource providers of subscription {subscription}")


def locations(subscription: str) -> Request:
    """Regions of a subscription. Source: REST API Subscriptions - List Locations."""
    return listing(f"/subscriptions/{subscription}/locations?api-version=2022-12-01", "regions")


def machine_sizes(subscription: str, region: str) -> Request:
    """VM sizes of a region with family, cores, zones and restrictions. Source: REST API Resource Skus - List."""
    wanted = quote(f"location eq '{region}'")
    path = f"/subscriptions/{subscription}/providers/Microsoft.Compute/skus?api-version=2021-07-01&$filter={wanted}"
    return listing(path, f"VM sizes in {region}")


def postgres_offer(subscription: str, region: str) -> Request:
    """Sizes, versions and restrictions of PostgreSQL. Source: REST API Capabilities By Location - List."""
    where = f"/subscriptions/{subscription}/providers/Microsoft.DBforPostgreSQL/locations/{region}/capabilities"
    return listing(f"{where}?api-version=2025-08-01", f"PostgreSQL capabilities in {region}")


def kubernetes_versions(subscription: str, region: str) -> Request:
    """Versions of AKS. Source: REST API Managed Clusters - List Kubernetes Versions."""
    where = f"/subscriptions/{subscription}/providers/Microsoft.ContainerService/locations/{region}/kubernetesVersions"
    return Request("one", f"{where}?api-version=2025-10-01", f"Kubernetes versions in {region}")


COMPUTE: Final = "Microsoft.Compute"
DATABASES: Final = "Microsoft.DBforPostgreSQL"
WEB: Final = "Microsoft.Web"
APPS: Final = "Microsoft.App"


def usages(namespace: str, subscription: str, region: str) -> Request:
    """Limits of a provider in a region, with their current use."""
    path = f"/subscriptions/{subscription}/providers/{namespace}/locations/{region}/{USAGES[namespace]}"
    return listing(path, f"quotas of {namespace} in {region}")
