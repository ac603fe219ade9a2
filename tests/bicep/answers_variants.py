"""Answers that together cover every choice of the model at least once."""

from collections.abc import Mapping
from typing import Final

from installer.answers.model import Answers

TENANT: Final = "7f3b1c52-0d0e-4c43-9f0e-5b7f6f1d2a10"
SUBSCRIPTION: Final = "4f2c8a16-3b1d-4a8e-9c55-0e6a7d9191ab"
CLIENT: Final = "b1946ac9-2d5f-4f0e-8a57-6f3f8d1c7e22"
OTHER: Final = "c3a9e1d0-5f27-4b6e-8a11-2d4c6e8f0b13"
"""A second subscription, for resources outside the main one."""
REGION: Final = "swedencentral"

Page = Mapping[str, object]


def answers(
    *environments: str,
    cloud: str = "public",
    prefix: str = "contoso",
    region: str = REGION,
    own: Mapping[str, Page] | None = None,
    **pages: Page,
) -> Answers:
    """Answers, with defaults for everything that a test does not set.

    Args:
        environments: names of the environments; dev by default.
        own: overrides by environment.
        pages: answers by page, such as network={"mode": "public"}.
    """
    return Answers.model_validate(
        {
            "subscription": {
                "cloud": cloud,
                "tenant": TENANT,
                "subscription": SUBSCRIPTION,
                "region": region,
                "environments": list(environments) or ["dev"],
                "differ": list(own or {}),
                "prefix": prefix,
            },
            **(own or {}),
            **pages,
        }
    )


HUB: Final = f"/subscriptions/{OTHER}/resourceGroups/rg-hub/providers/Microsoft.Network/virtualNetworks/vnet-hub"
ZONES: Final = f"/subscriptions/{OTHER}/resourceGroups/rg-dns"
WAF: Final = {
    "host": "flowforge.contoso.com",
    "certificate_uri": "https://kv-certs.vault.azure.net/certificates/flowforge",
    "certificate_group": "rg-certificates",
}

VARIANTS: Final[Mapping[str, Answers]] = {
    "the least": answers("dev", sizing={"preset": "trial"}),
    "container apps": answers("dev", platform={"runtime": "container_apps"}),
    "two environments, secretless": answers("dev", "prod", sign_on={"method": "secretless", "client_id": CLIENT}),
    "three environments, behind a firewall, open API": answers(
        "qa",
        "uat",
        "prod",
        network={"address_space": "192.168.0.0/21", "egress": "firewall", "firewall_address": "10.0.0.4"},
        platform={"private_api": False},
    ),
    "four environments in production, with a secret": answers(
        "dev",
        "qa",
        "uat",
        "prod",
        sizing={"preset": "production"},
        sign_on={"method": "secret", "client_id": CLIENT, "client_secret": "env:FLOWFORGE_CLIENT_SECRET"},
    ),
    "container apps in production, in China": answers(
        "dev", "prod", cloud="china", platform={"runtime": "container_apps"}, sizing={"preset": "production"}
    ),
    "US Government, longest names": answers(
        "prod", cloud="usgov", prefix="abcdefghij", network={"address_space": "10.0.0.0/8"}
    ),
    "customer-managed keys": answers(
        "dev",
        "prod",
        governance={"customer_keys": True, "locks": "data"},
        data={"prod_server": True},
        own={"prod": {"subscription": OTHER, "runtime": "container_apps"}},
    ),
    # networks, ingress and optional services
    "public endpoints": answers(
        "dev", governance={"posture": "trial"}, network={"mode": "public"}, ingress={"kind": "direct"}
    ),
    "existing hub with a gateway, existing zones": answers(
        "dev",
        "prod",
        network={
            "mode": "existing_hub",
            "hub_id": HUB,
            "hub_subnet": "endpoints",
            "gateway_transit": True,
            "dns": "existing",
            "dns_group_id": ZONES,
        },
        own={"prod": {"subscription": OTHER, "region": "westeurope", "runtime": "container_apps"}},
    ),
    "existing networks, DNS by policy": answers(
        "prod",
        network={
            "mode": "existing",
            "hub_id": HUB,
            "hub_subnet": "endpoints",
            "spoke_ids": [f"prod={HUB}-prod"],
            "dns": "policy",
        },
        ingress={"kind": "gateway", **WAF},
    ),
    "resolver, locks, behind a gateway": answers(
        "dev",
        "prod",
        governance={"posture": "hardened", "locks": "groups", "tags": ["owner=data"]},
        network={"dns_resolver": True, "address_space": "10.0.0.0/21"},
        platform={"cluster_zone": "shared"},
        ingress={"kind": "gateway", **WAF},
    ),
    "behind a front door": answers("prod", ingress={"kind": "frontdoor", "host": "flowforge.contoso.com"}),
    "behind a front door with a key vault certificate": answers(
        "dev", "prod", ingress={"kind": "frontdoor", "certificate": "key_vault", "waf": "Detection", **WAF}
    ),
    "every optional service, a new catalog": answers(
        "dev",
        "prod",
        integrations={"data_factory": True, "synapse": True, "purview": "new", "event_grid": True, "logic_app": True},
        sign_on={"admin_group": CLIENT, "admin_group_name": "sg-data-admins"},
    ),
    "an existing catalog, events": answers(
        "dev",
        integrations={
            "purview": "existing",
            "purview_id": f"/subscriptions/{OTHER}/resourceGroups/rg-gov/providers/Microsoft.Purview/accounts/pview",
            "purview_principal": CLIENT,
            "event_grid": True,
        },
    ),
    # monitoring and backup
    "monitored behind a gateway, lakes backed up": answers(
        "dev",
        "prod",
        region="eastasia",
        data={"prod_server": True},
        ingress={"kind": "gateway", **WAF},
        monitoring={
            "emails": ["data-team@contoso.com", "on-call@contoso.com"],
            "budget": 2500,
            "budget_start": "2026-12-01",
            "storage_backup": True,
        },
    ),
    "monitored with direct ingress, container apps, Prefect Cloud": answers(
        "dev",
        "prod",
        region="westcentralus",
        own={"prod": {"subscription": OTHER, "runtime": "aks"}},
        platform={
            "runtime": "container_apps",
            "prefect": "cloud",
            "cloud_account": OTHER,
            "cloud_workspace": OTHER,
            "cloud_key": "env:PREFECT_KEY",
        },
        sign_on={"method": "secretless", "client_id": CLIENT},
        ingress={"kind": "direct"},
        monitoring={
            "emails": ["data-team@contoso.com"],
            "budget": 100,
            "budget_start": "2027-01-01",
            "storage_backup": True,
        },
    ),
    "a budget without alert recipients": answers("dev", monitoring={"budget": 100, "budget_start": "2026-12-01"}),
}
