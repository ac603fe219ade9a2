"""Parameters of stage 7, control plane, of one environment."""

from typing import Final

from installer.jsontypes import Json
from installer.naming import LAYERS
from installer.parameters.installation import Installation
from installer.parameters.principals import principals_of
from installer.parameters.spec import Outputs

HEALTH_PATH: Final = "/api/health"
"""Where the web app answers when it is well; open to all, so that probes reach it."""
WEB_PORT: Final = 3000
"""Where the web app listens in its container."""


def control_plane(it: Installation, outputs: Outputs, environment: str) -> dict[str, Json]:
    """The web app, its plan, its settings and how people sign in."""
    names, sign_on = it.names, it.answers.sign_on
    principals = principals_of(outputs, environment)
    secretless = sign_on.method == "secretless"
    return {
        "location": it.answers.subscription.region,
        "tags": it.tags(environment),
        "resourceGroupName": names.group(environment),
        "planName": names.plan(environment),
        "webPlanSize": it.site(environment).web_size,
        "zoneRedundant": it.zone_redundant,
        "siteName": names.site(environment),
        "webImage": it.answers.platform.web_image,
        "registryHost": names.registry_host,
        "networkName": names.virtual_network(environment),
        "subnetName": names.subnet("web"),
        "identityName": names.identity(environment, "web"),
        "identityClientId": principals["web"].client_id,
        "healthPath": HEALTH_PATH,
        "settings": {
            "WEBSITES_PORT": str(WEB_PORT),
            "AZURE_CLIENT_ID": principals["web"].client_id,
            "FLOWFORGE_ENVIRONMENT": environment,
            "FLOWFORGE_BLOB_ENDPOINT": names.blob_endpoint(environment),
            "FLOWFORGE_CONTAINERS": ",".join(LAYERS),
            "FLOWFORGE_DATABASE_HOST": names.postgres_host,
            "FLOWFORGE_DATABASE_NAME": names.database(environment, "flowforge"),
            "FLOWFORGE_DATABASE_USER": names.identity(environment, "web"),
        },
        "keyVaultName": names.key_vault(environment),
        "keyVaultUri": names.key_vault_uri(environment),
        "signOnMethod": sign_on.method,
        "signOnIssuer": f"https://{names.answers_at.login}/{it.answers.subscription.tenant}/v2.0",
        "signOnClientId": None if sign_on.method == "later" else sign_on.client_id,
        "authIdentityName": names.identity(environment, "auth") if secretless else None,
        "authIdentityClientId": principals["auth"].client_id if secretless else None,
    }
